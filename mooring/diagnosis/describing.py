"""Describe each judged column for the report: figures, a level and one sentence.

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
    findings = [
        _column(column, drift, reference.bins, data, new.get(column.column, ()))
        for column in drift.columns
    ]
    return tuple(sorted(findings, key=lambda finding: -(finding.effect or 0.0)))


def _column(
    moved: ColumnDrift, drift: DataDrift, bins: Bins, data: Data, new: Sequence[str]
) -> ColumnFinding:
    measured = [one for one in moved.findings if one.standardised is not None and one.figure]
    strongest = max(measured, key=_prominence, default=moved.findings[0])
    looks = drift.looks[moved.signal]
    index = looks.measures.index(strongest.measure)
    segment, name = segment_of(moved.column)
    declared = data.columns.get(name)
    column_bins = bins[moved.column]
    return ColumnFinding(
        name=name,
        segment=segment,
        kind="number" if isinstance(column_bins, NumberBins) else "category",
        description=declared.description if declared else "the model's score",
        unit=declared.unit if isinstance(declared, NumberColumn) else "",
        level=moved.level,
        measure=strongest.measure.kind,
        effect=strongest.effect,
        excess=strongest.standardised,
        threshold=strongest.threshold,
        p_value=strongest.p_value,
        sentence=_sentence(moved, strongest, new),
        bins=tuple(
            Bin(label=label, reference=r, current=p)
            for label, r, p in zip(
                _labels(bins, moved.column), moved.shift.reference, moved.shift.current, strict=True
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


def _prominence(finding: Finding) -> tuple[bool, float]:
    """Return the sort key of a measure: alarms first, since an excess alone is not an alarm."""
    return finding.alarm, (finding.standardised or 0.0) / (finding.threshold or 1.0)


def _sentence(moved: ColumnDrift, strongest: Finding, new: Sequence[str]) -> str:
    if moved.level == "cannot_tell":
        return "Not checked: too few values."
    if moved.level == "quiet":
        return "Within the range of the reference's own windows."
    more = f"by {strongest.effect or 0:.3f} more than usual: {_way(moved, strongest, new)}."
    if moved.confirmed:
        return f"Differs in enough of the last windows to be sure, in the newest {more}"
    return f"Differs in this window, {more}"


def _way(moved: ColumnDrift, strongest: Finding, new: Sequence[str]) -> str:
    if moved.shift.rank is not None:
        chance = 0.5 + moved.shift.rank
        return f"a row exceeds one of the reference with probability {chance:.2f}"
    if not moved.shift.changes:
        return "no category's share changed"
    of_unseen = strongest.measure.kind == "unseen"
    unseen = [change for change in moved.shift.changes if of_unseen and change.name == UNSEEN]
    first = (unseen or moved.shift.changes)[0]
    changed = f"{first.name} was {first.reference:.2%} of the rows and is {first.current:.2%}"
    return f"{changed} ({', '.join(new)})" if first.name == UNSEEN and new else changed


def _labels(bins: Bins, column: str) -> tuple[str, ...]:
    column_bins = bins[column]
    if not isinstance(column_bins, NumberBins):
        return (*column_bins.names, RARE, UNSEEN)
    edges = [f"{edge:g}" for edge in column_bins.edges]
    if not edges:
        return ("any",)
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return (f"up to {edges[0]}", *between, f"above {edges[-1]}")
