"""What a drift report says, in the words and the order that page and pull request share.

In: a DriftReport. Out: texts. They are untrusted, and escaped by who shows them.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mooring.diagnosis.report import (
    STANDS_OUT,
    ColumnFinding,
    DriftReport,
    Figure,
    Finding,
    Level,
    OutcomesFinding,
    QualityFinding,
)
from mooring.files import short
from mooring.reports.kit.wording import count, line, number, percent

DECISIONS = {
    "quiet": "Quiet: serving looks like the reference.",
    "watch": "Watch: something differs, but too little or too briefly to act.",
    "retrain": "Retrain: the data or the model has moved away, for long enough.",
    "fix_data": "Fix the data: what comes in is broken, and no training fixes that.",
    "cannot_tell": "Cannot tell: there is too little to judge by.",
}
LEVELS: tuple[Level, ...] = ("alarm", "watch", "cannot_tell", "quiet")
"""The one that asks for most first."""
MARKS: dict[Level, str] = {"alarm": "▲", "watch": "◆", "cannot_tell": "?", "quiet": "○"}
"""Told apart without colour."""
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
    "null": "missing values",
    "inf": "infinite numbers",
    "range": "out of range",
    "few": "too few rows",
    "many": "too many rows",
}
MOST_NAMED = 5
LONGEST_NAME, LONGEST_SENTENCE = 60, 600


class Part(NamedTuple):
    """One of the things that were looked at."""

    id: str
    """Of its section."""
    name: str
    level: Level
    text: str


def named(text: str) -> str:
    """Return the name of a column, a check or a figure, short enough to head a section."""
    return line(text, LONGEST_NAME) or "(no name)"


def sentence(text: str) -> str:
    """Return a sentence as one line, cut where it is longer than any should be."""
    return line(text, LONGEST_SENTENCE)


def spoken(level: Level | Finding) -> str:
    """Return a level or a verdict in words."""
    return level.replace("_", " ")


def marked(level: Level) -> str:
    """Return a level as its mark and its words."""
    return f"{MARKS[level]} {spoken(level)}"


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


def parts(report: DriftReport) -> list[Part]:
    """Return what was looked at, each with the level of its worst finding."""
    return [
        _of_columns(report.columns),
        _of_score(report.score),
        _of_quality(report.quality),
        _of_outcomes(report.outcomes),
    ]


def _of_columns(columns: Sequence[ColumnFinding]) -> Part:
    if not columns:
        return Part("columns", "Columns", "cannot_tell", "none was judged")
    said = []
    for level in LEVELS:
        names = [column.spoken for column in columns if column.level == level]
        if names:
            which = "" if level == "quiet" else f" ({_names(names)})"
            said.append(f"{count(len(names))} {spoken(level)}{which}")
    return Part("columns", "Columns", _worst(column.level for column in columns), ", ".join(said))


def _of_score(score: ColumnFinding | None) -> Part:
    if score is None:
        return Part("score", "Score", "cannot_tell", "it was not judged")
    return Part("score", "Score", score.level, sentence(score.sentence))


def _of_quality(quality: Sequence[QualityFinding]) -> Part:
    if not quality:
        return Part("quality", "Quality", "quiet", "every check keeps its limit")
    wrong = _names(f"{each.column or 'all rows'}: {check(each)}" for each in quality)
    return Part("quality", "Quality", _worst(each.level for each in quality), wrong)


def _of_outcomes(outcomes: OutcomesFinding | None) -> Part:
    if outcomes is None:
        return Part("model", "Model quality", "cannot_tell", "no labels are known of")
    return Part("model", "Model quality", outcomes.level, sentence(outcomes.sentence))


def _worst(levels: Iterable[Level]) -> Level:
    return min(levels, key=LEVELS.index)


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


def interval(figure: Figure) -> str:
    """Return a figure's interval."""
    if figure.low is None or figure.high is None:
        return "none, for want of rows"
    return f"{number(figure.low)} to {number(figure.high)}"


def coverage(report: DriftReport) -> str:
    """Say how many labels have come."""
    found = report.outcomes
    if found is None:
        return "No labels are known of, so how good the model is cannot be told."
    return (
        f"{count(found.labelled)} of {count(found.due)} labels that were due have come: "
        f"{share(found.coverage)}, where {percent(found.min_coverage)} are needed. "
        f"The window has {count(found.predictions)} predictions."
    )
