"""A drift report as files: for programs, for people, and for a pull request, beside its evidence.

In: a question, a store and a reference, or a DriftReport. Out: report.json, index.html, pull_request.md
and evidence/ in one directory, the same for the same evidence.
"""

from pathlib import Path

from mooring import files
from mooring.diagnosis.assessment import assess
from mooring.diagnosis.report import DriftReport
from mooring.diagnosis.report_file import EVIDENCE, PAGE, PULL_REQUEST, REPORT, read_report
from mooring.evidence import bundle
from mooring.evidence.bundle import Settings
from mooring.evidence.gathering import LabelFile, gather
from mooring.records.store import Store
from mooring.reports.drift.page import page
from mooring.reports.drift.pull_request import pull_request

REPORTS = Path("reports/drift")


def make_report(
    settings: Settings, store: Store, reference: Path, labels: LabelFile | None
) -> tuple[Path, DriftReport]:
    """Gather the evidence, judge it, and write both; return the report and its directory.

    Raises DataError, and keeps an earlier report of the window, if the store holds less than that report
    was made from.
    """
    target = REPORTS / f"{settings.first}..{settings.last}"
    with files.replacing_directory(target) as temporary:
        gather(temporary / EVIDENCE, settings, store, reference, labels)
        report = assess(temporary / EVIDENCE, reference)
        if (target / REPORT).is_file():
            before = read_report(target / REPORT).evidence.files
            bundle.check_newer(before, report.evidence.files, target)
        write_report(temporary, report)
    return target, report


def write_report(directory: Path, report: DriftReport) -> None:
    """Write each of the files, all from the same report."""
    files.write_json(directory / REPORT, report.plain())
    files.write_text(directory / PAGE, page(report))
    files.write_text(directory / PULL_REQUEST, pull_request(report))
