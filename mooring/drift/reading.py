"""Read report.json, checked against its schema."""

from pathlib import Path

from pydantic import ValidationError

from mooring.drift.report import DriftReport
from mooring.errors import IntegrityError


def read_report(path: Path | str) -> DriftReport:
    """Return the report in a file. Raises IntegrityError when it is missing or is none."""
    try:
        return DriftReport.model_validate_json(Path(path).read_bytes())
    except OSError as error:
        raise IntegrityError("cannot be read", where=str(path), got=str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise IntegrityError(
            "is no drift report", where=str(path), got=f"{key}: {first['msg']}"
        ) from error
