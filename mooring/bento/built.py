"""What the package stage says of the bento that it made: models/bento.json.

It is the one place where a model and its reference are both known: the stages that make them run side by
side, and neither's files name the other.
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
    """Of the bento's archive."""
    model: Sha256
    """Of model.onnx, by which records name the model."""
    reference: Sha256
    """Of the index of the model's reference profiles."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what a file says. Raises IntegrityError if it is not such a file."""
        what = "does not say which model and reference a bento holds"
        return document.read(path, cls, what, "run 'dvc repro package', or 'dvc checkout'")

    def write(self, path: Path) -> None:
        """Replace the file by this."""
        files.write_json(path, self.model_dump(mode="json"))
