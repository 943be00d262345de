"""The bins that a column's values are counted in, fixed by the reference.

Out: the input of drift statistics, without whylogs: counts by bin, one vector per column and day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class NumberBins:
    """The bins of a number column."""

    edges: tuple[float, ...]
    """The inner edges, strictly ascending: bin j holds edges[j - 1] < value <= edges[j]."""

    @property
    def n_bins(self) -> int:
        """One more than the inner edges."""
        return len(self.edges) + 1


@dataclass(frozen=True)
class CategoryBins:
    """The bins of a category column."""

    names: tuple[str, ...]
    """The categories that have their own bin, in the order of their bins."""
    rare: frozenset[str]
    """The reference's other categories, which share the last bin."""
    whole: bool = True
    """Whether these are all that the reference has: a sketch drops some if there are too many."""
    open: bool = False
    """Whether new categories are expected (conf/data's `open`): then they are drift of the column, else a
    data problem."""

    @property
    def n_bins(self) -> int:
        """One for each name, and one for the rare."""
        return len(self.names) + 1


Bins = Mapping[str, NumberBins | CategoryBins]


@dataclass(frozen=True)
class Counts:
    """One column of one block of rows."""

    rows: int
    null: int
    """Missing values."""
    inf: int
    """Infinite numbers; 0 for a category."""
    unseen: float
    """Rows of categories that the reference does not have; 0 for a number."""
    bins: NDArray[np.float64]
    """(n_bins,): rows of each bin; null, infinite and unseen ones are in none.

    A sketch estimates them, so they are not whole and their sum is only near
    rows - null - inf - unseen."""
