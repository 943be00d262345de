"""The facts of a bento: the digests behind its model, and the settings of its server."""

from pathlib import Path
from typing import Self

from pydantic import Field

from mooring import files
from mooring.bento.sealed import FIX
from mooring.config import document
from mooring.config.section import Strict
from mooring.config.serving import Serving

Sha256 = str


class Digests(Strict):
    """The digests of the model, its data and its reference profiles. Each is a sha256 in hex."""

    model: Sha256 = Field(pattern="^[0-9a-f]{64}$")
    champion: Sha256 | None
    """The digest of the model that it is compared with; null without a comparison."""
    rows: Sha256
    """The digest of the ingested rows, in any order."""
    query: Sha256
    reference: Sha256
    """The digest of the rows behind the reference profiles."""
    requirements: Sha256
    """The digest of the requirements of the server."""


class Served(Strict):
    """The file served.json of a bento."""

    schema_version: int
    name: str
    """The name of the model."""
    threshold: float | None
    """The decision threshold: scores at or above it count as positive; null for regression."""
    parity_atol: float = Field(gt=0)
    """The tolerance of the golden rows' scores at start-up."""
    digests: Digests
    serving: Serving
    segments: dict[str, tuple[str, ...]]
    """By category column, the values whose rows are also profiled separately."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the facts in a file. Raises IntegrityError if the file is invalid."""
        return document.read(path, cls, "is not a valid served.json", FIX)

    def write(self, path: Path) -> None:
        """Replace the file with these facts."""
        files.write_json(path, self.model_dump(mode="json"))
