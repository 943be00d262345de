"""Decide on one diagnosis from the judgements, with its reason and the next steps."""

from collections.abc import Sequence

from mooring.config.drift import Persistence
from mooring.diagnosis.report import Diagnosis, OutcomesFinding, QualityFinding
from mooring.drift.judging import ColumnDrift, DataDrift
from mooring.drift.levels import OF_THE_REFERENCE, STANDS_OUT, Unchecked
from mooring.evidence.bundle import Settings
from mooring.profiles.segments import segment_of, spoken

STEPS: dict[Diagnosis, tuple[str, ...]] = {
    "quiet": ("Nothing to do.",),
    "watch": ("Look again when the next day is complete: mooring drift",),
    "retrain": (
        "Move the train window in conf/window towards the days that differ.",
        "Retrain and look at the verdict: dvc repro, then mooring gate",
        "Propose it in a pull request, with this report.",
    ),
    "fix_data": (
        "Check the system that sends the rows: the columns and days are listed under quality.",
        "Do not retrain on these days: the model would learn the fault.",
        "If a column's values are correct after all, such as new categories, declare them in conf/data "
        "(open: true, or the longer list of categories), and retrain once the data holds enough of them.",
    ),
    "cannot_tell": ("Wait for more days, rows or labels, then run: mooring drift",),
}
VOLUME = "volume"
"""The name of a finding about all rows."""


def decided(
    drift: DataDrift,
    quality: Sequence[QualityFinding],
    outcomes: OutcomesFinding | None,
    unchecked: Sequence[Unchecked],
    settings: Settings,
) -> tuple[Diagnosis, str]:
    """Return the diagnosis and its reason.

    Broken data comes first, since no training fixes it. It blocks retraining if it is in a column that
    the model uses, or in the volume. `unchecked` are checks of columns and of quality.
    """
    broken = _columns(quality, "alarm")
    blocking = [name for name in broken if name in settings.used or name == VOLUME]
    drifted = _drifted(drift, quality, outcomes, settings.drift.persistence)
    unused = [name for name in broken if name not in blocking]
    if blocking or (unused and not drifted):
        return "fix_data", f"Incoming data is broken: {', '.join(broken)}."
    if drifted:
        if unused:
            drifted.append(
                f"Incoming data that the model does not use is broken: {', '.join(unused)}."
            )
        return "retrain", " ".join(drifted)
    return _undecided(drift, quality, outcomes, unchecked)


def _drifted(
    drift: DataDrift,
    quality: Sequence[QualityFinding],
    outcomes: OutcomesFinding | None,
    persistence: Persistence,
) -> list[str]:
    """Return a sentence for each reason to retrain. A changed unit is not one."""
    names = [_spoken(column) for column in _moved(drift, quality) if column.level == "alarm"]
    sentences = []
    if names:
        often = f"at least {persistence.alarms} of the last {persistence.looks} windows"
        sentences.append(f"Drifted in {often}: {', '.join(names)}.")
    if outcomes is not None and outcomes.level == "alarm":
        sentences.append(outcomes.sentence)
    return sentences


def _undecided(
    drift: DataDrift,
    quality: Sequence[QualityFinding],
    outcomes: OutcomesFinding | None,
    unchecked: Sequence[Unchecked],
) -> tuple[Diagnosis, str]:
    """Return the diagnosis of a window that requires no action."""
    names = [_spoken(column) for column in _moved(drift, quality)] + _columns(quality, "watch")
    if outcomes is not None:
        names += [figure.metric for figure in outcomes.figures if figure.level == "watch"]
    if names:
        differing = ", ".join(dict.fromkeys(names))
        return "watch", f"Differs, but not by enough or not for long enough: {differing}."
    reasons = [each.reason for each in unchecked if _hides_drift(each)]
    if reasons:
        return "cannot_tell", " ".join(dict.fromkeys(reasons))
    return (
        "quiet",
        "Everything that was checked is within the range of the reference's own windows.",
    )


def _moved(drift: DataDrift, quality: Sequence[QualityFinding]) -> list[ColumnDrift]:
    """Return the columns at watch or alarm, except those whose unit has changed."""
    converted = {each.column for each in quality if each.check == "unit"}
    return [
        column
        for column in drift.columns
        if column.level in STANDS_OUT and segment_of(column.column)[1] not in converted
    ]


def _columns(quality: Sequence[QualityFinding], level: str) -> list[str]:
    return sorted({each.column or VOLUME for each in quality if each.level == level})


def _hides_drift(unchecked: Unchecked) -> bool:
    """Return whether a check of all rows was not made that a later window can make."""
    of_all_rows = any(not segment_of(check)[0] for check in unchecked.checks)
    return of_all_rows and unchecked.cause not in OF_THE_REFERENCE


def _spoken(column: ColumnDrift) -> str:
    return spoken(*segment_of(column.column))
