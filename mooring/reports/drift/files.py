"""A drift report as files: for programs, for people, and for a pull request.

In: a DriftReport. Out: report.json, index.html and pull_request.md in one directory, the same for the
same report.
"""

from pathlib import Path

from mooring import files
from mooring.diagnosis.report import DriftReport
from mooring.diagnosis.report_file import REPORT
from mooring.reports.drift.page import page
from mooring.reports.drift.pull_request import pull_request

PAGE, PULL_REQUEST = "index.html", "pull_request.md"
EVIDENCE = "evidence"
"""The directory beside them that holds what the report was made from."""


def write_report(directory: Path, report: DriftReport) -> None:
    """Write each of the files, all from the same report."""
    files.write_json(directory / REPORT, report.plain())
    files.write_text(directory / PAGE, page(report))
    files.write_text(directory / PULL_REQUEST, pull_request(report))
