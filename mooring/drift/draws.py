"""Windows drawn from the reference itself, and the days that each is compared with.

In: the number of days. Out: 0/1 matrices that select days, which calibration takes as unchanged.
Days are drawn whole, since rows of one day are alike (block resampling: Künsch 1989, Annals of
Statistics 17:1217); without replacement (Politis and Romano 1994, Annals of Statistics 22:2031).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mooring.drift.days import Cells

Choice = NDArray[np.float64]
Kind = Literal["random", "consecutive"]


@dataclass(frozen=True)
class Draws:
    """Some windows of the reference's days, and for each the days that serve as its reference."""

    kind: Kind
    windows: Choice
    """(n_draws, n_days): 1 for a day of the window."""
    others: Choice
    """(n_draws, n_days): 1 for a day that it is compared with; never one of the window."""


def random_draws(n_days: int, window_days: int, n_draws: int, seed: int) -> Draws:
    """Return seeded windows of random days, each against a disjoint random half of the days.

    Only half, since the bins already fit the reference's own days.
    """
    random = np.random.default_rng(seed)
    order = np.argsort(random.random((n_draws, n_days)), axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    others = (place >= window_days) & (place < window_days + n_days // 2)
    return Draws("random", (place < window_days).astype(np.float64), others.astype(np.float64))


def consecutive_draws(n_days: int, window_days: int) -> Draws:
    """Return every run of days, each against all the other days: this includes seasonal change."""
    first = np.arange(n_days - window_days + 1)[:, None]
    day = np.arange(n_days)
    windows = ((day >= first) & (day < first + window_days)).astype(np.float64)
    return Draws("consecutive", windows, 1 - windows)


def thinned(cells: Cells, rows: NDArray[np.float64], n_rows: float, seed: int) -> Cells:
    """Return windows, (n_windows, n_cells), as if about `n_rows` of their `rows` had been seen.

    Each row is kept by chance (binomial thinning), so that fewer rows vary as they should.
    """
    kept = np.minimum(n_rows / np.maximum(rows, 1), 1)
    random = np.random.default_rng(seed)
    return random.binomial(np.rint(cells).astype(np.int64), kept[:, None]).astype(np.float64)
