"""Read report.json, checked against its schema."""

from pathlib import Path

from pydantic import ValidationError

from mooring.diagnosis.report import DriftReport
from mooring.errors import IntegrityError

REPORT, PAGE, PULL_REQUEST = "report.json", "index.html", "pull_request.md"
"""In a report's directory."""
EVIDENCE = "evidence"
"""The directory beside them that holds what the report was made from."""


def read_report(path: Path | str) -> DriftReport:
    """Return the report in a file. Raises IntegrityError when it is missing or is none."""
    try:
        return DriftReport.model_validate_json(Path(path).read_bytes())
    except OSError as error:
        raise IntegrityError(
            "cannot be read",
            where=str(path),
            expected="a report that 'mooring drift' made",
            got=error.strerror or str(error),
            fix="name reports/drift/FIRST..LAST of one that is there",
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise IntegrityError(
            "is no drift report of this version",
            where=str(path),
            got=f"{key}: {first['msg']}",
            fix="use the code that made it, or move it away and make it again with 'mooring drift'",
        ) from error
