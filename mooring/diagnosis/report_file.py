"""Read report.json, checked against its schema."""

from pathlib import Path

from mooring.config import document
from mooring.diagnosis.report import DriftReport
from mooring.errors import IntegrityError

REPORT, PAGE, PULL_REQUEST = "report.json", "index.html", "pull_request.md"
"""In a report's directory."""
EVIDENCE = "evidence"
"""The directory beside them that holds what the report was made from."""


def read_report(path: Path | str) -> DriftReport:
    """Return the report in a file. Raises IntegrityError if it is missing or invalid."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise IntegrityError(
            "cannot be read",
            where=str(path),
            expected="a report that 'mooring drift' made",
            got=error.strerror or str(error),
            fix="pass the path of an existing report, reports/drift/FIRST..LAST",
        ) from error
    fix = "use the code that made it, or move it away and make it again with 'mooring drift'"
    return document.parse(content, DriftReport, path, "is not a drift report of this version", fix)
