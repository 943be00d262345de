"""What exactly a bento serves: the digests of what made its model, and the settings of its server."""

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
    """What the model was made from, and what it is judged by. Each is a sha256 in hex."""

    model: Sha256 = Field(pattern="^[0-9a-f]{64}$")
    champion: Sha256 | None
    """Of the model that it is compared with; null where it serves alone."""
    rows: Sha256
    """Of the ingested rows, in any order."""
    query: Sha256
    reference: Sha256
    """Of the index of the reference profiles, which holds the sha256 of each."""
    requirements: Sha256
    """Of the serving lock."""


class Served(Strict):
    """The file served.json of a bento."""

    schema_version: int
    name: str
    """Of the model."""
    threshold: float | None
    """Scores at or above it are decided positive; null for regression."""
    parity_atol: float = Field(gt=0)
    """The largest difference from the fitted model that the golden rows may show at start-up."""
    digests: Digests
    serving: Serving
    segments: dict[str, tuple[str, ...]]
    """Whose rows the records profile by themselves too: values by category column."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what a file says. Raises IntegrityError if it is not such a file."""
        return document.read(path, cls, "does not say what is served", FIX)

    def write(self, path: Path) -> None:
        """Replace the file by this."""
        files.write_json(path, self.model_dump(mode="json"))
