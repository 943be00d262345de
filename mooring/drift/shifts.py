"""How a column moved, whether or not that is an alarm: facts for sentences.

In: the cells of one window and of the reference. Out: a Shift.
"""

from dataclasses import dataclass

import numpy as np

from mooring.drift.days import Cells, Days
from mooring.drift.measures import binned, mean_rank_shift, of_kind, shares, with_all_others
from mooring.profiles.bins import NumberBins

RARE = "(rare)"
UNSEEN = "(unseen)"


@dataclass(frozen=True)
class Change:
    """A category's share of the rows that have a value."""

    name: str
    reference: float
    current: float


@dataclass(frozen=True)
class Shift:
    """A column's distribution in the reference and in the window."""

    reference: tuple[float, ...]
    """The share of each bin; a category has one more bin, for the unseen."""
    current: tuple[float, ...]
    rank: float | None
    """For a number: the probability that a row of the window exceeds one of the reference, ties
    counted half, minus 1/2. None for a category."""
    changes: tuple[Change, ...]
    """For a category: every one whose share changed, the largest change first. Empty for a number."""


def shift_of(days: Days, column: str, window: Cells, reference: Cells) -> Shift:
    """Return how a column moved from the reference to the window, each (1, n_cells)."""
    bins = days.bins[column]
    if isinstance(bins, NumberBins):
        p, r = (shares(binned(days, column, cells)) for cells in (window, reference))
        rank = round(float(mean_rank_shift(p, r)[0]), 9)
        return Shift(tuple(r[0].tolist()), tuple(p[0].tolist()), rank, ())
    p, r = shares(_current(days, column, window)), shares(_reference(days, column, reference))
    named = zip((*bins.names, RARE, UNSEEN), r[0].tolist(), p[0].tolist(), strict=True)
    changes = [Change(*each) for each in named if each[1] != each[2]]
    changes.sort(key=lambda change: (-abs(change.current - change.reference), change.name))
    return Shift(tuple(r[0].tolist()), tuple(p[0].tolist()), None, tuple(changes))


def _current(days: Days, column: str, cells: Cells) -> Cells:
    return np.column_stack([binned(days, column, cells), of_kind(days, column, "unseen", cells)])


def _reference(days: Days, column: str, cells: Cells) -> Cells:
    """Return the same for the reference, which has no unseen rows."""
    return np.column_stack([with_all_others(days, column, cells), np.zeros(len(cells))])
