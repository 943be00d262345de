"""The counts of a run of days as one table, which calibration and judging read.

In: for each day and column its Counts, all in the bins of one reference. Out: Days, whose cells may
be summed in any order with the same result on every machine.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mooring.errors import DataError
from mooring.profiles.bins import Bins, Counts

Cells = NDArray[np.float64]
OTHERS = ("null", "inf", "unseen", "rows")
"""The cells of a column that follow those of its bins."""
EXACT = 1024
"""Counts are rounded to 1/1024 of a row, so that float64 adds them without rounding."""
MOST = 2**40
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Days:
    """The counts of each day, or of each block of rows if the data has no time."""

    names: tuple[str, ...]
    """The days in order, none left out."""
    bins: Bins
    cells: Cells
    """(n_days, n_cells): for each column, in the order of `bins`, its bins and then OTHERS.

    `unseen` is counted as if the day were not in the reference: for a day of the reference, the rows of
    categories that no other day of it has, or 0 if that is unknown."""

    @cached_property
    def spans(self) -> dict[str, slice]:
        """The slice of each column's cells."""
        spans, start = {}, 0
        for column, column_bins in self.bins.items():
            spans[column] = slice(start, start + column_bins.n_bins + len(OTHERS))
            start = spans[column].stop
        return spans


def stacked(blocks: Mapping[str, Mapping[str, Counts]], bins: Bins) -> Days:
    """Return the counts of each block by its name, in the order of the names.

    If all names are dates, a day that is missing between the first and the last has no rows. A column
    that a block lacks has no rows in that block. Raises DataError for counts of other columns or bins,
    and for invalid counts.
    """
    names = _names(blocks)
    days = Days(names, bins, np.zeros((len(names), _n_cells(bins))))
    for row, name in enumerate(names):
        for column, counts in blocks.get(name, {}).items():
            values = _values(name, column, counts, bins)
            days.cells[row, days.spans[column]] = np.round(values * EXACT) / EXACT
    return days


def _n_cells(bins: Bins) -> int:
    return sum(each.n_bins + len(OTHERS) for each in bins.values())


def _values(day: str, column: str, counts: Counts, bins: Bins) -> Cells:
    if column not in bins or len(counts.bins) != bins[column].n_bins:
        raise DataError(
            f"counts of column {column} do not use the reference's bins",
            where=day,
            expected=f"{bins[column].n_bins} bins" if column in bins else "no such column",
            got=f"{len(counts.bins)} bins",
            fix="count the profile in the bins of the reference that it is judged against",
        )
    values = np.array([*counts.bins, counts.null, counts.inf, counts.unseen, counts.rows])
    if not ((values >= 0) & (values < MOST)).all():
        raise DataError(
            f"counts of column {column} are not counts of rows",
            where=day,
            expected="from 0 to less than 2**40",
            got=str(values.tolist()),
        )
    return values


def _names(blocks: Mapping[str, Mapping[str, Counts]]) -> tuple[str, ...]:
    names = sorted(blocks)
    if not names or not all(DATE.fullmatch(name) for name in names):
        return tuple(names)
    first, last = (datetime.date.fromisoformat(name) for name in (names[0], names[-1]))
    n_days = (last - first).days + 1
    return tuple(str(first + datetime.timedelta(days=day)) for day in range(n_days))


def check_bins(reference: Days, current: Days) -> None:
    """Raise DataError if the current days were not counted in the reference's bins."""
    columns = {*reference.bins, *current.bins}
    other = sorted(name for name in columns if reference.bins.get(name) != current.bins.get(name))
    if other or list(reference.bins) != list(current.bins):
        raise DataError(
            "current days are not counted in the reference's bins",
            got=f"other bins: {', '.join(other) or 'the same columns in another order'}",
            fix="count current profiles in the bins of the reference that they are judged against",
        )
