"""Permutation null of a family of measures: how far they go when nothing has changed (max-T).

In: figures of the draws, (n_draws, n_measures). Out: a Null, whose threshold the largest of the
family's standardised figures exceeds in alpha of them, however the measures depend on each other
(max-T: Westfall and Young 1993, Resampling-Based Multiple Testing).
"""

import math
from dataclasses import dataclass

import numpy as np

from mooring.metrics.weighted import Floats


@dataclass(frozen=True)
class Null:
    """The figures of one family where nothing has changed."""

    medians: Floats
    """(n_measures,)"""
    scales: Floats
    """(n_measures,): from the median to the figure that alpha of the draws exceed, so that every
    measure alone would exceed 1 as often; infinite where too few draws have enough values."""
    largest: Floats
    """(n_draws,): the largest standardised figure of each draw, ascending."""
    threshold: float
    """Of the largest standardised figure."""

    def standardised(self, figures: Floats) -> Floats:
        """Return the figures, (n_windows, n_measures), in scales above the median; NaN becomes 0."""
        return np.nan_to_num((figures - self.medians) / self.scales, nan=0.0)

    def p_values(self, standardised: Floats) -> Floats:
        """Return the share of draws whose largest figure is no less, that of the window counted in."""
        below = np.searchsorted(self.largest, standardised, side="left")
        return (1 + len(self.largest) - below) / (1 + len(self.largest))


def least_draws(alpha: float) -> int:
    """Return how many draws a threshold needs: with fewer, no figure is rare enough."""
    return math.ceil(1 / alpha - 1e-9)


def fit_null(figures: Floats, alpha: float, floor: float) -> Null:
    """Return the null of draws, (n_draws, n_measures), at least `least_draws` of them.

    No scale is less than `floor`.

    The threshold is the ceil((n + 1)(1 - alpha))-th smallest, which a further draw exceeds with
    chance alpha at most.
    """
    medians, scales = np.zeros(figures.shape[1]), np.full(figures.shape[1], np.inf)
    for measure, column in enumerate(figures.T):
        ordered = np.sort(column[~np.isnan(column)])
        if len(ordered) >= least_draws(alpha):
            medians[measure] = ordered[(len(ordered) - 1) // 2]
            scales[measure] = max(ordered[rank_of(len(ordered), alpha)] - medians[measure], floor)
    null = Null(medians, scales, np.empty(0), 0.0)
    largest = np.sort(null.standardised(figures).max(axis=1))
    return Null(medians, scales, largest, float(largest[rank_of(len(largest), alpha)]))


def rank_of(n: int, alpha: float) -> int:
    """Return the place, from 0, of the threshold among n ascending figures of draws."""
    return min(math.ceil((n + 1) * (1 - alpha) - 1e-9), n) - 1
