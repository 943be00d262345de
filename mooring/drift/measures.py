"""How far a window's counts are from the reference's: figures between 0 and 1, 0 where they are equal.

In: cells of windows and of the reference. Out: one figure for each measure and window.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from mooring.drift.days import OTHERS, Cells, Days
from mooring.profiles.bins import CategoryBins, NumberBins
from mooring.profiles.segments import segment_of

Shape = Literal["hellinger", "ks", "rank_shift", "total_variation", "unseen"]
Flaw = Literal["unseen", "null", "filled", "inf", "absent", "few", "many"]
NUMBER: tuple[Shape, ...] = ("hellinger", "ks", "rank_shift")
CATEGORY: tuple[Shape, ...] = ("hellinger", "total_variation", "unseen")
FLAWS: tuple[Flaw, ...] = ("null", "filled", "absent")
VOLUME: tuple[Flaw, ...] = ("few", "many")
DECIMALS, DIGITS_OF_A_SUM = 9, 12
"""The last digits of a sum may differ between processors, so they are rounded off."""


class Measure(NamedTuple):
    """One figure that is judged."""

    column: str
    """'' for the volume, which is of all columns."""
    kind: Shape | Flaw

    def __str__(self) -> str:
        return f"{self.column}: {self.kind}" if self.column else self.kind


def shape_measures(days: Days, columns: Sequence[str]) -> tuple[Measure, ...]:
    """Return the measures of distribution of each column."""
    return tuple(
        Measure(column, kind)
        for column in columns
        for kind in (NUMBER if isinstance(days.bins[column], NumberBins) else CATEGORY)
    )


def flaw_measures(days: Days) -> tuple[Measure, ...]:
    """Return the measures of quality: those of each column over all rows, then those of volume."""
    flaws = [
        Measure(column, kind)
        for column, bins in days.bins.items()
        if not segment_of(column)[0]
        for kind in (*_flaws_of(bins), *FLAWS)
    ]
    return (*flaws, *(Measure("", kind) for kind in VOLUME))


def _flaws_of(bins: NumberBins | CategoryBins) -> tuple[Flaw, ...]:
    if isinstance(bins, NumberBins):
        return ("inf",)
    return () if bins.open else ("unseen",)


def is_flaw(days: Days, measure: Measure) -> bool:
    """Return whether a measure of distribution means broken data: new categories in a column whose set is
    closed."""
    bins = days.bins[measure.column]
    return measure.kind == "unseen" and isinstance(bins, CategoryBins) and not bins.open


def shapes(
    days: Days, measures: Sequence[Measure], windows: Cells, reference: Cells, min_values: float
) -> Cells:
    """Return (n_windows, n_measures); NaN where a window has fewer than `min_values` in the column.

    `windows` and `reference` are (n_windows, n_cells); `reference` may have one row for all.
    """
    figures = np.empty((len(windows), len(measures)))
    for column in dict.fromkeys(measure.column for measure in measures):
        window = compared(days, column, windows)
        p, r = shares(window), shares(compared(days, column, reference))
        judged = window.sum(axis=1) >= min_values
        for index, measure in enumerate(measures):
            if measure.column == column:
                if measure.kind == "unseen":
                    figures[:, index] = _unseen(days, column, windows, min_values)
                else:
                    figures[:, index] = np.where(judged, SHAPES[measure.kind](p, r), np.nan)
    return np.round(figures, DECIMALS)


def compared(days: Days, column: str, cells: Cells) -> Cells:
    """Return the rows of each bin, (n_windows, n_bins), of the distribution.

    It leaves out infinite numbers and unseen categories of a closed set: quality counts them. Unseen
    categories of an open set count as rare.
    """
    bins = days.bins[column]
    is_open = isinstance(bins, CategoryBins) and bins.open
    return with_all_others(days, column, cells) if is_open else binned(days, column, cells)


def with_all_others(days: Days, column: str, cells: Cells) -> Cells:
    """Return the rows of each bin of a category; the last bin holds all rows that no other has."""
    named = binned(days, column, cells)[:, :-1]
    present = of_kind(days, column, "rows", cells) - of_kind(days, column, "null", cells)
    return np.column_stack([named, np.maximum(present - named.sum(axis=1), 0)])


def binned(days: Days, column: str, cells: Cells) -> Cells:
    """Return the rows of each bin, (n_windows, n_bins)."""
    span = days.spans[column]
    return cells[:, span.start : span.stop - len(OTHERS)]


def of_kind(days: Days, column: str, kind: str, cells: Cells) -> Cells:
    """Return the rows, (n_windows,), of one of OTHERS."""
    rows: Cells = cells[:, days.spans[column].stop - len(OTHERS) + OTHERS.index(kind)]
    return rows


def _unseen(days: Days, column: str, windows: Cells, min_values: float) -> Cells:
    """Return the share of rows whose category the reference does not have; NaN where that is unknown."""
    unseen = of_kind(days, column, "unseen", windows)
    rows = binned(days, column, windows).sum(axis=1) + unseen
    bins = days.bins[column]
    judged = (rows >= min_values) & (isinstance(bins, CategoryBins) and bins.whole)
    return np.where(judged, unseen / np.maximum(rows, 1), np.nan)


def shares(counts: Cells) -> Cells:
    """Return counts, (n_windows, n_bins), as shares of their sum; 0 where there are none."""
    total = counts.sum(axis=1, keepdims=True)
    return counts / np.where(total > 0, total, 1)


def hellinger(p: Cells, r: Cells) -> Cells:
    """Return sqrt(1 - sum sqrt(p r)) of shares by bin, each (n_windows, n_bins) (Hellinger 1909)."""
    alike = np.sqrt(p * r).sum(axis=1)
    unlike: Cells = np.round(1 - alike, DIGITS_OF_A_SUM)
    return np.sqrt(np.maximum(unlike, 0))


def ks(p: Cells, r: Cells) -> Cells:
    """Return the largest difference of the cumulative shares (Kolmogorov-Smirnov) at the edges."""
    largest: Cells = np.abs(np.cumsum(p - r, axis=1)).max(axis=1)
    return largest


def total_variation(p: Cells, r: Cells) -> Cells:
    """Return the share of rows that would have to change their bin."""
    moved: Cells = np.abs(p - r).sum(axis=1) / 2
    return moved


def mean_rank_shift(p: Cells, r: Cells) -> Cells:
    """Return P(window > reference) - 1/2, ties counted half: -1/2 to 1/2 (Mann and Whitney 1947)."""
    ranks = np.cumsum(r, axis=1) - r / 2
    shift: Cells = (p * ranks).sum(axis=1) - p.sum(axis=1) / 2
    return shift


def _rank_shift(p: Cells, r: Cells) -> Cells:
    return np.abs(mean_rank_shift(p, r))


SHAPES = {
    "hellinger": hellinger,
    "ks": ks,
    "total_variation": total_variation,
    "rank_shift": _rank_shift,
}


def flaws(days: Days, measures: Sequence[Measure], windows: Cells, reference: Cells) -> Cells:
    """Return (n_windows, n_measures): shares of a window's rows beyond those of the reference.

    `filled` is how much fewer values are missing, and `absent` is for rows without the column. `few` is
    1 - n/m for n rows where the reference has m, and `many` is 1 - m/n. NaN where the reference's
    categories are not all known. `reference` is as for shapes, of as many days as a window.
    """
    rows, expected = rows_of(days, windows), rows_of(days, reference)
    figures = np.empty((len(windows), len(measures)))
    for index, (column, kind) in enumerate(measures):
        if kind == "few":
            figures[:, index] = 1 - rows / np.maximum(expected, 1)
        elif kind == "many":
            figures[:, index] = 1 - expected / np.maximum(rows, 1)
        else:
            share, usual = (
                _flawed(days, column, kind, cells) / np.maximum(n_rows, 1)
                for cells, n_rows in ((windows, rows), (reference, expected))
            )
            figures[:, index] = {"unseen": share, "filled": usual - share}.get(kind, share - usual)
    figures[figures < 0] = 0
    return np.round(figures, DECIMALS)


def rows_of(days: Days, cells: Cells) -> Cells:
    """Return the rows, (n_windows,), of the column that has most, since a column may be absent."""
    most: Cells = cells[:, [span.stop - 1 for span in days.spans.values()]].max(axis=1)
    return most


def _flawed(days: Days, column: str, kind: str, cells: Cells) -> Cells:
    absent: Cells = rows_of(days, cells) - of_kind(days, column, "rows", cells)
    if kind == "absent":
        return absent
    if kind == "filled":  # a row without the column has no value in it
        missing: Cells = of_kind(days, column, "null", cells) + absent
        return missing
    bins = days.bins[column]
    if kind == "unseen" and isinstance(bins, CategoryBins) and not bins.whole:
        return np.full(len(cells), np.nan)
    return of_kind(days, column, kind, cells)
