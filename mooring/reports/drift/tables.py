"""The tables of a drift report, row by row, for page and pull request alike.

In: a DriftReport. Out: rows of texts, at most as many as a table should have: report.json has all. The
texts are untrusted: page and pull request escape them.
"""

from collections.abc import Sequence

from mooring.diagnosis.report import Bin, Day, DriftReport
from mooring.reports.drift import facts
from mooring.reports.drift.facts import named
from mooring.reports.kit.wording import count, line, number, percent

LONGEST_PATH = 300
Rows = list[tuple[str, ...]]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COLUMNS = ("column", "level", "effect", "excess", "threshold", "p", "measure")
CHECKS = ("column", "check", "level", "observed", "limit", "days", "finding")
FIGURES = ("figure", "level", "value", "interval", "reference", "limit")
DAYS = ("day", "rows", "state")
BINS = ("bin", "reference", "current")


def columns(report: DriftReport, most: int) -> Rows:
    """Return COLUMNS, the largest effect first."""
    return [
        (
            named(column.spoken),
            facts.marked(column.level),
            number(column.effect),
            number(column.excess),
            number(column.threshold),
            number(column.p_value),
            facts.measure(column),
        )
        for column in report.columns[:most]
    ]


def checks(report: DriftReport, most: int) -> Rows:
    """Return CHECKS, alarms first; `days` is how many of the last days had the problem."""
    return [
        (
            named(finding.column) if finding.column else "all rows",
            facts.check(finding),
            facts.marked(finding.level),
            facts.seen(finding, finding.observed),
            facts.seen(finding, finding.limit),
            facts.days(finding),
            facts.sentence(finding.sentence),
        )
        for finding in report.quality[:most]
    ]


def figures(report: DriftReport, most: int) -> Rows:
    """Return FIGURES; empty if there are no outcomes."""
    return [
        (
            named(figure.metric),
            facts.marked(figure.level),
            number(figure.value),
            facts.interval(figure),
            number(figure.reference),
            "none" if figure.limit is None else number(figure.limit),
        )
        for figure in (report.outcomes.figures[:most] if report.outcomes else ())
    ]


def advisory(report: DriftReport, most: int) -> Rows:
    """Return the name and the value of each estimate without labels."""
    estimates = report.outcomes.advisory if report.outcomes else {}
    return [(named(name), number(value)) for name, value in sorted(estimates.items())[:most]]


def days(report: DriftReport, most: int) -> Rows:
    """Return DAYS of the window."""
    return [
        (
            f"{WEEKDAYS[day.day.weekday()]} {day.day}",
            count(day.rows),
            _state(day),
        )
        for day in report.window.days[:most]
    ]


def _state(day: Day) -> str:
    if not day.rows:
        return "◌ empty"
    return "complete" if day.complete else "◐ incomplete"


def bins(shares: Sequence[Bin], most: int) -> Rows:
    """Return BINS."""
    return [
        (named(share.label), percent(share.reference), percent(share.current))
        for share in shares[:most]
    ]


def settings(report: DriftReport, most: int) -> Rows:
    """Return the name and the value of each declared setting."""
    return [
        (named(name), named(str(value))) for name, value in sorted(report.settings.items())[:most]
    ]


def origin(report: DriftReport) -> Rows:
    """Return the digests and the version that the report was made with."""
    return [
        ("Model sha256", report.model),
        ("Code sha256", report.evidence.code_sha256),
        ("Version of Mooring", named(report.evidence.version)),
    ]


def files(report: DriftReport, most: int) -> Rows:
    """Return the path and the sha256 of each file of evidence."""
    by_path = sorted(report.evidence.files.items())
    return [(line(path, LONGEST_PATH), sha256) for path, sha256 in by_path[:most]]
