"""The level of each part of a report, and which of its checks were not made.

In: the judgements. Out: the Parts of a DriftReport, and a sentence on what was not checked.
"""

from collections.abc import Iterable, Sequence

from mooring.config.metric import Task
from mooring.diagnosis.report import NotMade, OutcomesFinding, Part, Parts, QualityFinding
from mooring.drift.judging import DataDrift
from mooring.drift.levels import Level, Unchecked, worst
from mooring.drift.quality import DataQuality
from mooring.outcomes.limits import JUDGED
from mooring.profiles.segments import segment_of, spoken
from mooring.profiles.values import SCORE

NAMES = {
    "columns": "columns",
    "score": "score",
    "quality": "quality checks",
    "outcomes": "figures of model quality",
}


def parts_of(
    drift: DataDrift,
    quality: DataQuality,
    findings: Sequence[QualityFinding],
    n_ranges: int,
    outcomes: tuple[OutcomesFinding, Sequence[Unchecked]] | None,
    task: Task,
) -> Parts:
    """Return the parts. `n_ranges` columns had their declared range checked; `outcomes` include the checks
    that were not made."""
    return Parts(
        columns=_of_drift(drift, is_score=False),
        score=_of_drift(drift, is_score=True),
        quality=_of_quality(quality, findings, n_ranges),
        outcomes=_of_outcomes(outcomes, JUDGED[task]),
    )


def unchecked_sentence(parts: Parts) -> str:
    """Return a sentence on how many checks of each part were not made; '' if all were."""
    counts = []
    for key, name in NAMES.items():
        part: Part = getattr(parts, key)
        if part.n_not_made:
            counts.append(f"{part.n_not_made} of {part.n_not_made + part.made} {name}")
    return f"Not checked: {', '.join(counts)}." if counts else ""


def _of_drift(drift: DataDrift, *, is_score: bool) -> Part:
    columns = [one for one in drift.columns if (one.column == SCORE) == is_score]
    unchecked = [
        Unchecked(one.cause, checks, one.reason)
        for one in drift.unchecked
        if (checks := tuple(check for check in one.checks if (check == SCORE) == is_score))
    ]
    made = sum(one.level != "cannot_tell" for one in columns)
    return _part(worst(one.level for one in columns), made, unchecked)


def _of_quality(quality: DataQuality, findings: Sequence[QualityFinding], n_ranges: int) -> Part:
    levels = [*(each.level for each in findings), quality.level]
    n_unchecked = sum(len(each.checks) for each in quality.unchecked)
    made = len(quality.measures) - n_unchecked + n_ranges
    return _part(worst(levels), made, quality.unchecked)


def _of_outcomes(
    outcomes: tuple[OutcomesFinding, Sequence[Unchecked]] | None, judged: tuple[str, ...]
) -> Part:
    if outcomes is None:
        return _part("cannot_tell", 0, [Unchecked("no_labels", judged, "There are no labels.")])
    finding, unchecked = outcomes
    n_unchecked = sum(len(each.checks) for each in unchecked)
    return _part(finding.level, len(judged) - n_unchecked, unchecked)


def _part(level: Level, made: int, unchecked: Iterable[Unchecked]) -> Part:
    not_made = tuple(
        NotMade(cause=one.cause, checks=tuple(map(_spoken, one.checks)), reason=one.reason)
        for one in unchecked
    )
    return Part(level=level, made=made, not_made=not_made)


def _spoken(check: str) -> str:
    return spoken(*segment_of(check))
