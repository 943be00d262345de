"""mooring drift verify: make a report again from its evidence, and compare."""

from pathlib import Path

from mooring import files
from mooring.diagnosis.assessment import assess, code_sha256
from mooring.diagnosis.report import DriftReport
from mooring.diagnosis.report_file import EVIDENCE, REPORT, read_report
from mooring.errors import IntegrityError
from mooring.evidence import bundle


def verify(directory: Path, reference: Path) -> DriftReport:
    """Return the report in a directory. Raises IntegrityError unless its evidence makes the same again."""
    path = directory / REPORT
    report = read_report(path)
    bundle.check(directory / EVIDENCE, report.evidence.files)
    if report.evidence.code_sha256 != code_sha256():
        raise IntegrityError(
            "was made by other code",
            where=str(path),
            expected=f"code {files.short(report.evidence.code_sha256)}, of version {report.evidence.version}",
            got=f"code {files.short(code_sha256())}",
            fix="check out the commit that made the report",
        )
    again = assess(directory / EVIDENCE, reference).plain()
    written = files.read_json(path)
    if again != written:
        differing = [key for key in again if again[key] != written[key]]
        raise IntegrityError(
            "does not match its evidence",
            where=str(path),
            got=f"a different {', '.join(differing)}",
            fix="make the report again with 'mooring drift'",
        )
    return report
