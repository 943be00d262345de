"""Whether scores are the chances that they say: observed shares by score, with intervals over days.

In: `Tables` of a classifier. Out: a `Calibration`, for reports; the verdict looks at the bias.
"""

from dataclasses import dataclass

import numpy as np

from mooring.errors import DataError
from mooring.metrics.bootstrap import interval, resamples
from mooring.metrics.weighted import Floats
from mooring.outcomes.figures import columns
from mooring.outcomes.tables import POSITIONS, Tables

STEPS = 50
LARGEST_STEP = 4.0
DIGITS = 6
"""Of slope and intercept, whose last digits depend on the machine's logarithm."""


@dataclass(frozen=True)
class ScoreBin:
    """Rows of neighbouring scores."""

    n: int
    mean_score: float
    observed_frac: float
    low: float | None
    high: float | None
    """Of the bootstrap interval over days; None with fewer than five days."""


@dataclass(frozen=True)
class Calibration:
    """None where it is undefined."""

    bins: tuple[ScoreBin, ...]
    """Ascending, of about equal counts."""
    expected_error: float | None
    """The mean over rows of |mean score - observed share| in the row's bin. It is above 0 by chance
    alone, so compare it with that of as many days."""
    slope: float | None
    """1 where scores are spread as they should be, below 1 where they are too extreme (Cox 1958)."""
    intercept: float | None
    """0 where they are neither too high nor, above 0, too low."""


def calibration(
    tables: Tables, *, n_bins: int, n_resamples: int, confidence: float, seed: int
) -> Calibration:
    """Return the calibration over all days. Raises DataError for a regression."""
    if tables.task != "classification":
        raise DataError("only scores of classes have a calibration", got=tables.task)
    found = columns(tables)
    drawn = list(resamples(found.n_days, n_resamples, seed))
    weights = np.array([np.ones(found.n_days), *drawn], dtype=np.float64)
    sums = found.summed(weights)
    rows = sums["negatives"] + sums["positives"]
    bounds = np.array([0.0, *tables.edges, 1.0])
    places = (sums["negative_positions"] + sums["positive_positions"])[0] / POSITIONS
    scores = bounds[:-1] * rows[0] + np.diff(bounds) * places
    groups = _groups(rows[0], n_bins)
    n, positives = rows @ groups, sums["positives"] @ groups
    total, gaps = float(rows[0].sum()), scores @ groups - positives[0]
    fracs = np.divide(positives, n, out=np.full(n.shape, np.nan), where=n > 0)
    bins = [
        ScoreBin(
            int(n[0, at]),
            float(scores @ groups[:, at] / n[0, at]),
            float(fracs[0, at]),
            *interval(fracs[1:, at], found.n_days, confidence),
        )
        for at in range(groups.shape[1])
    ]
    filled = rows[0] > 0
    line = _line(scores[filled] / rows[0][filled], rows[0][filled], sums["positives"][0][filled])
    error = float(np.abs(gaps).sum() / total) if total else None
    return Calibration(tuple(bins), error, *(line or (None, None)))


def _groups(rows: Floats, n_groups: int) -> Floats:
    """Return (n_bins, n_groups) of 0 and 1: neighbours together, of about equal counts, none empty."""
    middle = np.cumsum(rows) - rows / 2
    group = np.minimum(middle / max(rows.sum(), 1.0) * n_groups, n_groups - 1).astype(np.int64)
    found = (group[:, np.newaxis] == np.arange(n_groups)).astype(np.float64)
    return np.asarray(found[:, rows @ found > 0])


def _line(scores: Floats, rows: Floats, positives: Floats) -> tuple[float, float] | None:
    """Return slope and intercept of the log-odds of the labels on those of the scores, by Newton.

    Arrays are (n_bins,), `scores` the bins' means. None where no line fits best, as with one class.
    """
    held = np.clip(scores, 1e-12, 1 - 1e-12)
    odds = np.log(held / (1 - held))
    design = np.stack([np.ones_like(odds), odds])
    line = np.array([0.0, 1.0])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(line @ design, -700, 700)))
        weights = rows * chances * (1 - chances)
        curvature = (design * weights) @ design.T
        if not np.linalg.det(curvature) > 1e-9:
            return None
        step = np.linalg.solve(curvature, design @ (positives - rows * chances))
        line = line + np.clip(step, -LARGEST_STEP, LARGEST_STEP)
        if np.abs(step).max() < 1e-9:
            return round(float(line[1]), DIGITS), round(float(line[0]), DIGITS)
    return None
