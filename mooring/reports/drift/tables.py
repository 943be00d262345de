"""The tables of a drift report, row by row, for page and pull request alike.

In: a DriftReport. Out: rows of texts that are as many as a table should have at most: report.json has
all. The texts are untrusted, and escaped by who shows them.
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
CHECKS = ("column", "check", "level", "seen", "limit", "days", "finding")
FIGURES = ("figure", "level", "value", "interval", "reference", "limit")
DAYS = ("day", "rows", "state")
BINS = ("bin", "reference", "current")


def columns(report: DriftReport, most: int) -> Rows:
    """Return COLUMNS, the largest effect first."""
    return [
        (
            named(each.spoken),
            facts.marked(each.level),
            number(each.effect),
            number(each.excess),
            number(each.threshold),
            number(each.p_value),
            facts.measure(each),
        )
        for each in report.columns[:most]
    ]


def checks(report: DriftReport, most: int) -> Rows:
    """Return CHECKS, what stands out first; `days` are those of the last ones that it stood out on."""
    return [
        (
            named(each.column) if each.column else "all rows",
            facts.check(each),
            facts.marked(each.level),
            facts.seen(each, each.observed),
            facts.seen(each, each.limit),
            facts.days(each),
            facts.sentence(each.sentence),
        )
        for each in report.quality[:most]
    ]


def figures(report: DriftReport, most: int) -> Rows:
    """Return FIGURES; none where there are no outcomes."""
    return [
        (
            named(each.metric),
            facts.marked(each.level),
            number(each.value),
            facts.interval(each),
            number(each.reference),
            "none" if each.limit is None else number(each.limit),
        )
        for each in (report.outcomes.figures[:most] if report.outcomes else ())
    ]


def advisory(report: DriftReport, most: int) -> Rows:
    """Return the name and the value of each estimate without labels."""
    estimates = report.outcomes.advisory if report.outcomes else {}
    return [(named(name), number(value)) for name, value in sorted(estimates.items())[:most]]


def days(report: DriftReport, most: int) -> Rows:
    """Return DAYS of the window."""
    return [
        (
            f"{WEEKDAYS[each.day.weekday()]} {each.day}",
            count(each.rows),
            _state(each),
        )
        for each in report.window.days[:most]
    ]


def _state(day: Day) -> str:
    if not day.rows:
        return "◌ empty"
    return "complete" if day.complete else "◐ half-filled"


def bins(shares: Sequence[Bin], most: int) -> Rows:
    """Return BINS."""
    return [
        (named(each.label), percent(each.reference), percent(each.current))
        for each in shares[:most]
    ]


def settings(report: DriftReport, most: int) -> Rows:
    """Return the name and the value of what was declared."""
    return [
        (named(name), named(str(value))) for name, value in sorted(report.settings.items())[:most]
    ]


def origin(report: DriftReport) -> Rows:
    """Return the name and the digest or version of what made the report."""
    return [
        ("Model sha256", report.model),
        ("Code sha256", report.evidence.code_sha256),
        ("Version of Mooring", named(report.evidence.version)),
    ]


def files(report: DriftReport, most: int) -> Rows:
    """Return the path and the sha256 of each file of evidence."""
    found = sorted(report.evidence.files.items())
    return [(line(path, LONGEST_PATH), sha256) for path, sha256 in found[:most]]
