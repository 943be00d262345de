"""Served rows whose days differ, as weather makes them: scores, labels and days of one model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mooring.config.outcomes import Outcomes
from mooring.outcomes.edges import edges_of
from mooring.outcomes.tables import Tables, tabulate

SETTINGS = Outcomes(
    bins=50,
    label_delay_days=2.0,
    min_coverage=0.8,
    min_rows=200,
    alpha=0.05,
    min_effect=0.1,
    n_draws=1000,
    n_resamples=200,
    confidence=0.95,
)


@dataclass(frozen=True)
class Rows:
    """Arrays (n_rows,)."""

    days: NDArray[np.str_]
    scores: NDArray[np.float64]
    labels: NDArray[np.float64]

    def tables(self, edges: tuple[float, ...], task: str = "classification") -> Tables:
        """Return their outcomes."""
        return tabulate(task, edges, self.days, self.scores, self.labels)  # type: ignore[arg-type]


def chance(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return chances of log-odds."""
    return 1 / (1 + np.exp(-odds))


def rows(n_days: int, per_day: int = 200, *, seed: int = 1, day_spread: float = 0.5) -> Rows:
    """Return calibrated scores but for a shift of each day's log-odds, which no score knows."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(n_days), per_day)
    odds = random.normal(-1, 1, len(day))
    shift = random.normal(0, day_spread, n_days)[day]
    labels = (random.random(len(day)) < chance(odds + shift)).astype(np.float64)
    return Rows(names(day), chance(odds), labels)


def regression_rows(n_days: int, per_day: int = 200, *, seed: int = 1) -> Rows:
    """Return labels of a wide range, and scores that are off by each day's own amount."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(n_days), per_day)
    labels = random.normal(1e4, 300, len(day))
    errors = random.normal(0, 100, len(day)) + random.normal(0, 20, n_days)[day]
    return Rows(names(day), labels + errors, labels)


def names(day: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return days by number as YYYY-MM-DD."""
    return np.datetime_as_string(np.datetime64("2024-01-01") + day)


def edges_for(reference: Rows, task: str = "classification", n_bins: int = 50) -> tuple[float, ...]:
    """Return the edges that the scores give."""
    return edges_of(task, reference.scores, n_bins)  # type: ignore[arg-type]
