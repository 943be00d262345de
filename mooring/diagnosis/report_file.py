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
    """Return the report in a file. Raises IntegrityError when it is missing or is none."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise IntegrityError(
            "cannot be read",
            where=str(path),
            expected="a report that 'mooring drift' made",
            got=error.strerror or str(error),
            fix="name reports/drift/FIRST..LAST of one that is there",
        ) from error
    fix = "use the code that made it, or move it away and make it again with 'mooring drift'"
    return document.parse(content, DriftReport, path, "is no drift report of this version", fix)
