"""What was judged, put into a report's words: figures, levels and one sentence each.

In: the judgements of mooring/drift and mooring/outcomes. Out: the parts of a DriftReport.
"""

import datetime
from itertools import pairwise

from mooring.config.data import Data, NumberColumn
from mooring.config.drift import Drift
from mooring.diagnosis.report import (
    Bin,
    ColumnFinding,
    Level,
    Point,
    QualityFinding,
)
from mooring.drift.days import Days
from mooring.drift.judging import ColumnDrift, DataDrift, Finding, known
from mooring.drift.quality import DataQuality
from mooring.drift.shifts import RARE, UNSEEN
from mooring.profiles.bins import Bins, NumberBins
from mooring.profiles.segments import segment_of

CHECKS = {
    "unseen": "have a category that the reference has none of",
    "null": "are missing, beyond the reference's share",
    "inf": "are infinite, beyond the reference's share",
    "absent": "came without the column",
}


def column_findings(drift: DataDrift, reference: Days, data: Data) -> tuple[ColumnFinding, ...]:
    """Return every column and the score, the largest effect first."""
    found = [_column(each, drift, reference.bins, data) for each in drift.columns]
    return tuple(sorted(found, key=lambda each: -(each.effect or 0.0)))


def _column(each: ColumnDrift, drift: DataDrift, bins: Bins, data: Data) -> ColumnFinding:
    told = [found for found in each.findings if found.standardised is not None and found.figure]
    most = max(told, key=_prominence, default=each.findings[0])
    looks = drift.looks[each.signal]
    index = looks.measures.index(most.measure)
    segment, name = segment_of(each.column)
    declared = data.columns.get(name)
    of = bins[each.column]
    return ColumnFinding(
        name=name,
        segment=segment,
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
                low=None,
                high=None,
            )
            for number, day in enumerate(drift.windows.last_days)
        ),
    )


def _prominence(found: Finding) -> tuple[bool, float]:
    """Return what orders measures: alarms first, since an excess without an effect is none."""
    return found.alarm, (found.standardised or 0.0) / (found.threshold or 1.0)


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
    more = f"by {most.effect or 0:.3f} beyond what is usual: {_way(each, most)}."
    if each.outcome == "confirmed_drift":
        return f"Differed in enough of the last windows to be sure, in the newest {more}"
    return f"Differs in this window, {more}"


def _way(each: ColumnDrift, most: Finding) -> str:
    if each.shift.rank is not None:
        chance = 0.5 + each.shift.rank
        return f"a row is greater than one of the reference with a chance of {chance:.2f}"
    if not each.shift.changes:
        return "no category's share changed"
    of_unseen = most.measure.kind == "unseen"
    unseen = [change for change in each.shift.changes if of_unseen and change.name == UNSEEN]
    first = (unseen or each.shift.changes)[0]
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
