"""The package stage's record of its bento: models/bento.json.

It is the only file that names both a model and its reference: the stages that make them run side by side,
and neither's files name the other.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field

from mooring import files
from mooring.config import document
from mooring.config.section import Strict

FACTS = "bento.json"
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class BentoFacts(Strict):
    """The file bento.json."""

    tag: str
    sha256: Sha256
    """The sha256 of the bento's archive."""
    model: Sha256
    """The sha256 of model.onnx, the model's name in the records."""
    reference: Sha256
    """The sha256 of the index of the model's reference profiles."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the record in a file. Raises IntegrityError if the file is invalid."""
        what = "is not a valid record of a bento"
        return document.read(path, cls, what, "run 'dvc repro package', or 'dvc checkout'")

    def write(self, path: Path) -> None:
        """Replace the file with this record."""
        files.write_json(path, self.model_dump(mode="json"))
