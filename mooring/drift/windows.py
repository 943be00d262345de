"""Runs of days, each summed to one window.

In: Days. Out: Windows, one ending on each day that has enough before it.
"""

from dataclasses import dataclass

import numpy as np

from mooring.drift.days import Cells, Days
from mooring.drift.measures import rows_of


@dataclass(frozen=True)
class Windows:
    """Every run of one number of days."""

    last_days: tuple[str, ...]
    cells: Cells
    """(n_windows, n_cells)"""
    rows: Cells
    """(n_windows,)"""


def windows_of(days: Days, window_days: int) -> Windows:
    """Return every run of `window_days` days; empty if there are fewer."""
    sums = np.cumsum(np.vstack([np.zeros_like(days.cells[:1]), days.cells]), axis=0)
    cells = sums[window_days:] - sums[:-window_days]
    return Windows(days.names[window_days - 1 :], cells, rows_of(days, cells))
