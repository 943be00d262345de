"""The words of a drift report, which page and pull request share.

In: a DriftReport. Out: texts. They are untrusted: page and pull request escape them.
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
    "fix_data": "Fix the data: incoming data is broken, and no training fixes that.",
    "cannot_tell": "Cannot tell: too little could be checked.",
}
MARKS: dict[Level, str] = {"alarm": "▲", "watch": "◆", "cannot_tell": "?", "quiet": "○"}
"""They differ without colour too."""
NOT_JUDGED = "· not judged"
"""A figure that only describes and has no level."""
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
    """One part of the report."""

    id: str
    """The id of its section."""
    name: str
    level: Level
    found: str
    """The result of the checks that were made."""
    not_checked: str
    """Which checks were not made, and why; empty if all were."""


def named(text: str) -> str:
    """Return the name of a column, a check or a figure, short enough to head a section."""
    return line(text, LONGEST_NAME) or "(no name)"


def sentence(text: str) -> str:
    """Return a sentence as one line, cut if it is too long."""
    return line(text, LONGEST_SENTENCE)


def spoken(level: Level | Diagnosis) -> str:
    """Return a level or a diagnosis in words."""
    return level.replace("_", " ")


def marked(level: Level | None) -> str:
    """Return a level as its mark and its words."""
    return NOT_JUDGED if level is None else f"{MARKS[level]} {spoken(level)}"


def title(report: DriftReport) -> str:
    """Return the name of the data and the window that is judged."""
    return f"{named(report.data)}, {report.window.first} to {report.window.last}"


def subject(report: DriftReport) -> str:
    """Say how much was judged, and of which model."""
    days = report.window.days
    rows = count(sum(day.rows for day in days))
    filling = sum(not day.complete for day in days)
    half = f", {filling} of them incomplete" if filling else ""
    zone = named(report.window.zone)
    return f"{rows} rows in {len(days)} days of {zone}{half}; model {short(report.model)}."


def shown(columns: Iterable[ColumnFinding]) -> list[ColumnFinding]:
    """Return the columns of all rows, and of segments only those at watch or alarm."""
    return [each for each in columns if not each.segment or each.level in STANDS_OUT]


def parts(report: DriftReport) -> list[Shown]:
    """Return the parts of the report: what was found, and what was not checked."""
    texts = {
        ("columns", "Columns"): _of_columns(report.columns),
        ("score", "Score"): _of_score(report.score),
        ("quality", "Quality"): of_quality(report),
        ("outcomes", "Model quality"): _of_outcomes(report.outcomes),
    }
    return [
        Shown(key, name, part.level, text, not_checked(part))
        for (key, name), text in texts.items()
        for part in [getattr(report.parts, key)]
    ]


def not_checked(part: Part) -> str:
    """Say which checks were not made, and why."""
    return " ".join(
        f"{count(len(missing.checks))} not checked ({_names(map(_check, missing.checks))}): "
        f"{sentence(missing.reason)}"
        for missing in part.not_made
    )


def _check(name: str) -> str:
    """Return a check such as `temp: null` in words."""
    column, _, kind = name.rpartition(": ")
    return f"{column}: {CHECKS[kind]}" if column and kind in CHECKS else name


def _of_columns(columns: Sequence[ColumnFinding]) -> str:
    counts = []
    for level in LEVELS:
        names = [column.spoken for column in columns if column.level == level]
        if names and level != "cannot_tell":
            which = "" if level == "quiet" else f" ({_names(names)})"
            counts.append(f"{count(len(names))} {spoken(level)}{which}")
    return ", ".join(counts) or "no column was judged"


def _of_score(score: ColumnFinding | None) -> str:
    if score is None or score.level == "cannot_tell":
        return "the score was not judged"
    return sentence(score.sentence)


def of_quality(report: DriftReport) -> str:
    """Say what the quality checks found."""
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
    """Say how large a column's effect is, and its excess against the threshold."""
    chance = "" if column.p_value is None else f", p = {number(column.p_value)}"
    return (
        f"Effect {number(column.effect)} by {measure(column)}; excess {number(column.excess)} "
        f"against a threshold of {number(column.threshold)}{chance}."
    )


def check(finding: QualityFinding) -> str:
    """Return a check's name in words."""
    return CHECKS.get(finding.check, named(finding.check))


def share(value: float | None) -> str:
    """Return a share, which may be undefined."""
    return "undefined" if value is None else percent(value)


def seen(finding: QualityFinding, value: float | None) -> str:
    """Return what a check observed, or its limit: a value for a range, else a share."""
    return number(value) if finding.check == "range" else share(value)


def days(finding: QualityFinding) -> str:
    """Return how many of the last days had the problem."""
    return "by window" if finding.days is None else count(finding.days)


def interval(figure: Figure) -> str:
    """Return a figure's interval."""
    if figure.low is None or figure.high is None:
        return "not available (too few rows)"
    return f"{number(figure.low)} to {number(figure.high)}"
