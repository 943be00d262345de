"""Rows counted by bin with numpy alone, exactly: what a profile's sketches hold but for their error.

In: a frame of numbers and pandas categories, and the block that each row is of. Out: Days.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mooring.drift.days import OTHERS, Days
from mooring.profiles.bins import Bins, CategoryBins, NumberBins
from mooring.profiles.tables import MIN_CATEGORY_SHARE, N_NUMBER_BINS

Ints = NDArray[np.int64]
Names = Sequence[str]


class Counting(NamedTuple):
    """One way to count the rows of days."""

    name: str
    reference: Callable[[pd.DataFrame, Ints, Names, frozenset[str]], Days]
    """Rows of the reference, the place of each one's day (n_rows,), the days' names, and the columns of open
    sets → Days, by bins that the rows make."""
    current: Callable[[pd.DataFrame, Ints, Names, Bins], Days]
    """The same of other rows, by those bins."""


def bins_of(reference: pd.DataFrame, open_columns: frozenset[str]) -> Bins:
    """Return bins of equal shares of the reference's numbers, and of its categories."""
    return {
        str(name): _bins(values, is_open=str(name) in open_columns)
        for name, values in reference.items()
    }


def _bins(values: "pd.Series[float]", *, is_open: bool) -> NumberBins | CategoryBins:
    if isinstance(values.dtype, pd.CategoricalDtype):
        counts = values.value_counts()
        common = counts.index[counts >= MIN_CATEGORY_SHARE * len(values)]
        rare = counts.index[(counts > 0) & (counts < MIN_CATEGORY_SHARE * len(values))]
        return CategoryBins(tuple(sorted(common)), frozenset(rare), open=is_open)
    finite = values.to_numpy(np.float64)
    finite = finite[np.isfinite(finite)]
    inner = np.arange(1, N_NUMBER_BINS) / N_NUMBER_BINS
    edges = np.unique(np.quantile(finite, inner, method="inverted_cdf"))
    return NumberBins(tuple(edges[edges < finite.max()].tolist()))


def cells_of(frame: pd.DataFrame, bins: Bins) -> Ints:
    """Return (n_rows, n_columns): the cell of Days, counted over all columns, that a value is in."""
    found, start = np.empty((len(frame), len(bins)), dtype=np.int64), 0
    for index, (name, each) in enumerate(bins.items()):
        found[:, index] = start + _cell(frame[name], each)
        start += each.n_bins + len(OTHERS)
    return found


def _cell(values: "pd.Series[float]", bins: NumberBins | CategoryBins) -> Ints:
    null, inf, unseen = (bins.n_bins + OTHERS.index(other) for other in ("null", "inf", "unseen"))
    if isinstance(bins, NumberBins):
        numbers = values.to_numpy(np.float64)
        inside = np.searchsorted(np.array(bins.edges), numbers, side="left")
        return np.where(np.isnan(numbers), null, np.where(np.isinf(numbers), inf, inside))
    place = {name: index for index, name in enumerate(bins.names)}
    place |= dict.fromkeys(bins.rare, bins.n_bins - 1)
    of_code = [*(place.get(name, unseen) for name in values.cat.categories), null]
    return np.array(of_code)[values.cat.codes]


def counted(frame: pd.DataFrame, block: Ints, names: Names, bins: Bins) -> Days:
    """Return the days `names`, of the rows whose `block` (n_rows,) is their place."""
    return counted_cells(cells_of(frame, bins), block, names, bins)


def counted_cells(cells: Ints, block: Ints, names: Names, bins: Bins) -> Days:
    """Return the same, of the cells that the rows are in."""
    n_cells = sum(each.n_bins + len(OTHERS) for each in bins.values())
    flat = (block[:, None] * n_cells + cells).ravel()
    table = np.bincount(flat, minlength=len(names) * n_cells).reshape(len(names), n_cells)
    days = Days(tuple(names), bins, table.astype(np.float64))
    rows = np.bincount(block, minlength=len(names))
    for span in days.spans.values():
        days.cells[:, span.stop - 1] = rows
    return days


def counted_reference(
    frame: pd.DataFrame, block: Ints, names: Names, open_columns: frozenset[str]
) -> Days:
    """Return the same by the rows' own bins, rows of a category that no other day has as unseen."""
    bins = bins_of(frame, open_columns)
    days = counted(frame, block, names, bins)
    for name, each in bins.items():
        if isinstance(each, CategoryBins):
            codes, n_days = frame[name].cat.codes.to_numpy(np.int64), len(names)
            seen, known = codes >= 0, len(frame[name].cat.categories)
            table = np.bincount(codes[seen] * n_days + block[seen], minlength=known * n_days)
            table = table.reshape(known, n_days)
            alone = (table > 0).sum(axis=1) == 1
            rare = alone & frame[name].cat.categories.isin(each.rare)
            span = days.spans[name]
            days.cells[:, span.stop - 2] = table[alone].sum(axis=0)
            days.cells[:, span.start + each.n_bins - 1] -= table[rare].sum(axis=0)
    return days


ROWS = Counting("rows", counted_reference, counted)
