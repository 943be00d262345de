"""What was judged, put into a report's words: figures, levels and one sentence each.

In: the judgements of mooring/drift and mooring/outcomes. Out: the parts of a DriftReport.
"""

import datetime
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from mooring.config.data import Data, NumberColumn
from mooring.config.drift import Drift
from mooring.config.metric import HIGHER_IS_BETTER
from mooring.drift.days import Days
from mooring.drift.evidence import Settings
from mooring.drift.judging import ColumnDrift, DataDrift, Finding, known
from mooring.drift.quality import DataQuality
from mooring.drift.report import (
    Bin,
    CalibrationBin,
    ColumnFinding,
    Figure,
    Level,
    OutcomesFinding,
    Point,
    QualityFinding,
)
from mooring.drift.shifts import RARE, UNSEEN
from mooring.outcomes import verdict
from mooring.outcomes.calibration import calibration
from mooring.outcomes.tables import Tables
from mooring.profiles.bins import Bins, NumberBins

N_CALIBRATION_BINS = 10
CHECKS = {
    "unseen": "have a category that the reference has none of",
    "null": "are missing, beyond the reference's share",
    "inf": "are infinite, beyond the reference's share",
    "absent": "came without the column",
}


def column_findings(drift: DataDrift, reference: Days, data: Data) -> tuple[ColumnFinding, ...]:
    """Return every column and the score, the largest effect first."""
    return tuple(_column(each, drift, reference.bins, data) for each in drift.columns)


def _column(each: ColumnDrift, drift: DataDrift, bins: Bins, data: Data) -> ColumnFinding:
    told = [found for found in each.findings if found.standardised is not None]
    most = max(told, key=_prominence, default=each.findings[0])
    looks = drift.looks[each.signal]
    index = looks.measures.index(most.measure)
    declared = data.columns.get(each.column)
    of = bins[each.column]
    return ColumnFinding(
        name=each.column,
        kind="number" if isinstance(of, NumberBins) else "category",
        description=declared.description if declared else "what the model answered",
        unit=declared.unit if isinstance(declared, NumberColumn) else "",
        level=_level(each),
        measure=most.measure.kind,
        effect=most.effect,
        excess=most.standardised,
        threshold=most.threshold or 0.0,
        p_value=most.p_value,
        sentence=_sentence(each, most),
        bins=tuple(
            Bin(label=label, reference=r, current=p)
            for label, r, p in zip(
                _labels(bins, each.column), each.shift.reference, each.shift.current, strict=True
            )
        ),
        line=tuple(
            Point(
                last=datetime.date.fromisoformat(day),
                value=known(looks.standardised[number, index]),
                limit=known(looks.thresholds[number, index]),
            )
            for number, day in enumerate(drift.windows.last_days)
        ),
    )


def _prominence(found: Finding) -> float:
    return (found.standardised or 0.0) / (found.threshold or 1.0)


def _level(each: ColumnDrift) -> Level:
    if each.outcome == "cannot_tell":
        return "cannot_tell"
    if each.outcome == "no_drift":
        return "quiet"
    return "alarm" if each.retrains else "watch"


def _sentence(each: ColumnDrift, most: Finding) -> str:
    if each.outcome == "cannot_tell":
        return "Too few values to tell."
    if each.outcome == "no_drift":
        return "Within what the reference's own windows reach."
    more = f"by {most.effect or 0:.3f} beyond what is usual: {_way(each)}."
    if each.outcome == "confirmed_drift":
        return f"Differed in enough of the last windows to be sure, in the newest {more}"
    return f"Differs in this window, {more}"


def _way(each: ColumnDrift) -> str:
    if each.shift.rank is not None:
        chance = 0.5 + each.shift.rank
        return f"a row is greater than one of the reference with a chance of {chance:.2f}"
    if not each.shift.changes:
        return "no category's share changed"
    first = each.shift.changes[0]
    return f"{first.name} was {first.reference:.2%} of the rows and is {first.current:.2%}"


def _labels(bins: Bins, column: str) -> tuple[str, ...]:
    of = bins[column]
    if not isinstance(of, NumberBins):
        return (*of.names, RARE, UNSEEN)
    edges = [f"{edge:g}" for edge in of.edges]
    if not edges:
        return ("any",)
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return (f"up to {edges[0]}", *between, f"above {edges[-1]}")


def quality_findings(quality: DataQuality, drift: Drift) -> tuple[QualityFinding, ...]:
    """Return what is wrong with what came in, the worst first."""
    found = []
    for flaw in quality.flaws:
        index = quality.measures.index(flaw.measure)
        days = int(quality.alarms[-drift.persistence.looks :, index].sum())
        kind = flaw.measure.kind
        about = CHECKS.get(kind)
        more = "fewer" if kind == "few" else "more"
        sentence = (
            f"{flaw.share:.2%} of the rows of {flaw.day} {about}."
            if about
            else f"{flaw.share:.0%} {more} rows than usual on {flaw.day}."
        )
        found.append(
            QualityFinding(
                column=flaw.measure.column,
                check=kind,
                level="alarm" if flaw.confirmed else "watch",
                observed=flaw.share,
                expected=None,
                limit=flaw.worst,
                days=days,
                sentence=sentence,
            )
        )
    return tuple(found)


def outcomes_finding(
    found: verdict.Judgement, window: Tables, settings: Settings, advisory: Mapping[str, Any]
) -> OutcomesFinding:
    """Return how good the model was on the labels that came."""
    levels: dict[str, Level] = {"worse": "alarm", "steady": "quiet", "cannot_tell": "cannot_tell"}
    bins: tuple[CalibrationBin, ...] = ()
    if window.task == "classification" and found.labelled:
        drawn = calibration(
            window,
            n_bins=N_CALIBRATION_BINS,
            n_resamples=settings.outcomes.n_resamples,
            confidence=settings.outcomes.confidence,
            seed=settings.seed,
        )
        bins = tuple(
            CalibrationBin(rows=each.n, score=each.mean_score, observed=each.observed_frac)
            for each in drawn.bins
        )
    return OutcomesFinding(
        level=levels[found.verdict],
        sentence=found.reason,
        predictions=found.predictions,
        due=found.predictions,
        labelled=found.labelled,
        coverage=found.coverage,
        min_coverage=settings.outcomes.min_coverage,
        figures=tuple(_figure(each, levels) for each in found.figures),
        calibration=bins,
        advisory={name: float(value) for name, value in advisory.items() if value is not None},
    )


def _figure(each: verdict.Figure, levels: Mapping[str, Level]) -> Figure:
    limit = None
    if each.limit is not None and each.reference is not None and each.name != "bias":
        falls = each.name.removesuffix("_within_days") in HIGHER_IS_BETTER
        limit = each.reference - each.limit if falls else each.reference + each.limit
    return Figure(
        metric=each.name,
        value=each.value,
        low=each.low,
        high=each.high,
        reference=each.reference,
        limit=limit,
        level=levels[each.verdict] if each.verdict else "quiet",
        line=(),
    )
