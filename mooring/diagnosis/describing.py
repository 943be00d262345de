"""What was judged of each column, put into a report's words: figures, a level and one sentence.

In: a DataDrift. Out: ColumnFindings.
"""

import datetime
from collections.abc import Mapping, Sequence
from itertools import pairwise

from mooring.config.data import Data, NumberColumn
from mooring.diagnosis.report import (
    Bin,
    ColumnFinding,
    Point,
)
from mooring.drift.days import Days
from mooring.drift.judging import ColumnDrift, DataDrift, Finding, known
from mooring.drift.shifts import RARE, UNSEEN
from mooring.profiles.bins import Bins, NumberBins
from mooring.profiles.segments import segment_of


def column_findings(
    drift: DataDrift, reference: Days, data: Data, new: Mapping[str, Sequence[str]]
) -> tuple[ColumnFinding, ...]:
    """Return every column and the score, the largest effect first.

    `new` names, by column, the categories of the window that the reference does not have.
    """
    found = [
        _column(each, drift, reference.bins, data, new.get(each.column, ()))
        for each in drift.columns
    ]
    return tuple(sorted(found, key=lambda each: -(each.effect or 0.0)))


def _column(
    each: ColumnDrift, drift: DataDrift, bins: Bins, data: Data, new: Sequence[str]
) -> ColumnFinding:
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
        level=each.level,
        measure=most.measure.kind,
        effect=most.effect,
        excess=most.standardised,
        threshold=most.threshold,
        p_value=most.p_value,
        sentence=_sentence(each, most, new),
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


def _sentence(each: ColumnDrift, most: Finding, new: Sequence[str]) -> str:
    if each.level == "cannot_tell":
        return "Not checked: too few values."
    if each.level == "quiet":
        return "Within what the reference's own windows reach."
    more = f"by {most.effect or 0:.3f} beyond what is usual: {_way(each, most, new)}."
    if each.confirmed:
        return f"Differs in enough of the last windows to be sure, in the newest {more}"
    return f"Differs in this window, {more}"


def _way(each: ColumnDrift, most: Finding, new: Sequence[str]) -> str:
    if each.shift.rank is not None:
        chance = 0.5 + each.shift.rank
        return f"a row is greater than one of the reference with a chance of {chance:.2f}"
    if not each.shift.changes:
        return "no category's share changed"
    of_unseen = most.measure.kind == "unseen"
    unseen = [change for change in each.shift.changes if of_unseen and change.name == UNSEEN]
    first = (unseen or each.shift.changes)[0]
    moved = f"{first.name} was {first.reference:.2%} of the rows and is {first.current:.2%}"
    return f"{moved} ({', '.join(new)})" if first.name == UNSEEN and new else moved


def _labels(bins: Bins, column: str) -> tuple[str, ...]:
    of = bins[column]
    if not isinstance(of, NumberBins):
        return (*of.names, RARE, UNSEEN)
    edges = [f"{edge:g}" for edge in of.edges]
    if not edges:
        return ("any",)
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return (f"up to {edges[0]}", *between, f"above {edges[-1]}")
