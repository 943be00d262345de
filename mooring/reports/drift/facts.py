"""What a drift report says, in the words and the order that page and pull request share.

In: a DriftReport. Out: texts. They are untrusted, and escaped by who shows them.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mooring.diagnosis.report import (
    ColumnFinding,
    Diagnosis,
    DriftReport,
    Figure,
    OutcomesFinding,
    Part,
    QualityFinding,
)
from mooring.drift.levels import LEVELS, STANDS_OUT, Level
from mooring.files import short
from mooring.reports.kit.wording import count, line, number, percent

DECISIONS = {
    "quiet": "Quiet: serving looks like the reference.",
    "watch": "Watch: something differs, but too little or too briefly to act.",
    "retrain": "Retrain: the data or the model has drifted, for long enough.",
    "fix_data": "Fix the data: what comes in is broken, and no training fixes that.",
    "cannot_tell": "Cannot tell: too little could be checked.",
}
MARKS: dict[Level, str] = {"alarm": "▲", "watch": "◆", "cannot_tell": "?", "quiet": "○"}
"""Told apart without colour."""
NOT_JUDGED = "· not judged"
"""A figure that describes, and that no level hangs on."""
MEASURES = {
    "hellinger": "Hellinger distance",
    "ks": "Kolmogorov-Smirnov distance",
    "total_variation": "total variation",
    "rank_shift": "shift of the mean rank",
    "unseen": "share of unseen categories",
}
CHECKS = {
    "absent": "column missing",
    "unseen": "unseen categories",
    "null": "more missing values",
    "filled": "fewer missing values",
    "inf": "infinite numbers",
    "range": "out of range",
    "unit": "another unit",
    "few": "too few rows",
    "many": "too many rows",
}
MOST_NAMED = 5
LONGEST_NAME, LONGEST_SENTENCE = 60, 600


class Shown(NamedTuple):
    """One of the things that were looked at."""

    id: str
    """Of its section."""
    name: str
    level: Level
    found: str
    """By the checks that were made."""
    not_checked: str
    """Which checks were not made, and why; empty where all were."""


def named(text: str) -> str:
    """Return the name of a column, a check or a figure, short enough to head a section."""
    return line(text, LONGEST_NAME) or "(no name)"


def sentence(text: str) -> str:
    """Return a sentence as one line, cut where it is longer than any should be."""
    return line(text, LONGEST_SENTENCE)


def spoken(level: Level | Diagnosis) -> str:
    """Return a level or a diagnosis in words."""
    return level.replace("_", " ")


def marked(level: Level | None) -> str:
    """Return a level as its mark and its words."""
    return NOT_JUDGED if level is None else f"{MARKS[level]} {spoken(level)}"


def title(report: DriftReport) -> str:
    """Say whose window is judged."""
    return f"{named(report.data)}, {report.window.first} to {report.window.last}"


def subject(report: DriftReport) -> str:
    """Say how much was judged, and by which model it was answered."""
    days = report.window.days
    rows = count(sum(day.rows for day in days))
    filling = sum(not day.complete for day in days)
    half = f", {filling} of them not complete" if filling else ""
    zone = named(report.window.zone)
    return f"{rows} rows in {len(days)} days of {zone}{half}; model {short(report.model)}."


def shown(columns: Iterable[ColumnFinding]) -> list[ColumnFinding]:
    """Return the columns of all rows, and of the many of segments those that stand out."""
    return [each for each in columns if not each.segment or each.level in STANDS_OUT]


def parts(report: DriftReport) -> list[Shown]:
    """Return what was looked at: what was found, apart from what was not checked."""
    found = {
        ("columns", "Columns"): _of_columns(report.columns),
        ("score", "Score"): _of_score(report.score),
        ("quality", "Quality"): of_quality(report),
        ("outcomes", "Model quality"): _of_outcomes(report.outcomes),
    }
    return [
        Shown(key, name, part.level, text, not_checked(part))
        for (key, name), text in found.items()
        for part in [getattr(report.parts, key)]
    ]


def not_checked(part: Part) -> str:
    """Say which checks were not made, and why."""
    return " ".join(
        f"{count(len(each.checks))} not checked ({_names(map(_check, each.checks))}): "
        f"{sentence(each.reason)}"
        for each in part.not_made
    )


def _check(name: str) -> str:
    """Return a check such as `temp: null` in words."""
    column, _, kind = name.rpartition(": ")
    return f"{column}: {CHECKS[kind]}" if column and kind in CHECKS else name


def _of_columns(columns: Sequence[ColumnFinding]) -> str:
    said = []
    for level in LEVELS:
        names = [column.spoken for column in columns if column.level == level]
        if names and level != "cannot_tell":
            which = "" if level == "quiet" else f" ({_names(names)})"
            said.append(f"{count(len(names))} {spoken(level)}{which}")
    return ", ".join(said) or "no column was judged"


def _of_score(score: ColumnFinding | None) -> str:
    if score is None or score.level == "cannot_tell":
        return "the score was not judged"
    return sentence(score.sentence)


def of_quality(report: DriftReport) -> str:
    """Say what the checks of quality found that were made."""
    if report.quality:
        return _names(f"{each.column or 'all rows'}: {check(each)}" for each in report.quality)
    made = report.parts.quality.made
    return f"{count(made)} checks found nothing" if made else "no check was made"


def _of_outcomes(outcomes: OutcomesFinding | None) -> str:
    if outcomes is None:
        return "no labels yet, so model quality is unknown"
    return sentence(outcomes.sentence)


def _names(names: Iterable[str]) -> str:
    different = list(dict.fromkeys(names))
    shown = [named(name) for name in different[:MOST_NAMED]]
    more = len(different) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def measure(column: ColumnFinding) -> str:
    """Return the measure's name in words."""
    return MEASURES.get(column.measure, named(column.measure))


def about(column: ColumnFinding) -> str:
    """Say what the column is."""
    unit = f" ({named(column.unit)})" if column.unit else ""
    text = f"{sentence(column.description) or column.kind}{unit}"
    return f"{text[:1].upper()}{text[1:]}."


def beyond(column: ColumnFinding) -> str:
    """Say how far out a column is, and how far is too far."""
    chance = "" if column.p_value is None else f", p = {number(column.p_value)}"
    return (
        f"Effect {number(column.effect)} by {measure(column)}; excess {number(column.excess)} "
        f"against a threshold of {number(column.threshold)}{chance}."
    )


def check(finding: QualityFinding) -> str:
    """Return a check's name in words."""
    return CHECKS.get(finding.check, named(finding.check))


def share(value: float | None) -> str:
    """Return a share of one, which may be none."""
    return "undefined" if value is None else percent(value)


def seen(finding: QualityFinding, value: float | None) -> str:
    """Return what a check saw, or its limit: a share, but of a range a value."""
    return number(value) if finding.check == "range" else share(value)


def days(finding: QualityFinding) -> str:
    """Return on how many of the last days a check stood out."""
    return "by window" if finding.days is None else count(finding.days)


def interval(figure: Figure) -> str:
    """Return a figure's interval."""
    if figure.low is None or figure.high is None:
        return "not available (too few rows)"
    return f"{number(figure.low)} to {number(figure.high)}"
