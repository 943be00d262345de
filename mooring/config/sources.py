"""conf/data.sources: where rows come from, one class for each kind of source."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, field_validator

from mooring.config.section import Strict

RAW = "data/raw"


class PackageSource(Strict):
    """A table that ships inside an installed Python package, pinned by requirements.lock."""

    kind: Literal["package"]
    package: str
    file: str
    """Path inside the package: a CSV file, or a zip that holds exactly one."""
    null_values: tuple[str, ...] = ()
    """Texts that mean missing."""


class _FileSource(Strict):
    path: str
    """Path below data/raw, the only directory that the ingest stage may read."""

    @field_validator("path")
    @classmethod
    def _declared(cls, path: str) -> str:
        parts = PurePosixPath(path).parts
        if parts[:2] != PurePosixPath(RAW).parts or len(parts) < 3 or ".." in parts:
            raise ValueError(
                f"a path below {RAW}/, since ingest reads nothing that dvc.yaml does not declare"
            )
        return path


class CsvSource(_FileSource):
    """A CSV file with a header line."""

    kind: Literal["csv"]
    null_values: tuple[str, ...] = ()


class ParquetSource(_FileSource):
    """A Parquet file."""

    kind: Literal["parquet"]


Source = Annotated[PackageSource | CsvSource | ParquetSource, Field(discriminator="kind")]
