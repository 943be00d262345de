"""Make the drift report from pinned evidence: the report that a pull request shows."""

from pathlib import Path

from mooring.diagnosis.assessment import assess
from mooring.reports.drift.directory import write_report

PINNED = Path("reports/pinned")
EVIDENCE, REFERENCE = PINNED / "evidence", PINNED / "reference"


def main() -> None:
    """reports/pinned/{evidence,reference} → reports/pinned/{report.json,index.html,pull_request.md}."""
    report = assess(EVIDENCE, REFERENCE)
    write_report(PINNED, report)
    print(f"{report.window.first} to {report.window.last}: {report.diagnosis}: {report.reason}")
