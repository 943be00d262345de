"""The figures of a window, from the sums of its days: for one window, or for many drawn at once.

In: `Tables`. Out: `Columns`, one array by day for each quantity that is summed, and figures of weighted sums
of days. The weights are whole, and the columns are rounded so that sums of them are exact, which gives
the same digits on every machine.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from mooring.config.metric import Task
from mooring.metrics.weighted import Floats, Ints
from mooring.outcomes.exact import aligned
from mooring.outcomes.tables import BINS, SUMS, Tables

MAX_ESTIMATED = 0.2
"""Beyond this share of pairs whose order inside a bin is estimated, the AUC is undefined: below it the
error is at most 0.0005, on the flights and on stronger scores, served in any part of the range."""
NEARLY_UNIFORM = math.sqrt(math.pi / 3)
ROOM = 2**12
"""The largest sum of weights of days that needs no rounding: eleven years."""
ROUNDING = 1e-12
"""A variance below this share of the mean square means that all values are the same."""
Figures = dict[str, Floats]
"""By name, each (...,); NaN where it is undefined."""


@dataclass(frozen=True)
class Columns:
    """What the figures are made from, by day."""

    task: Task
    edges: tuple[float, ...]
    days: Mapping[str, Floats]
    """(n_days, n) each."""

    @property
    def n_days(self) -> int:
        """How many days there are."""
        return len(self.days["rows"])

    def summed(self, weights: Floats | Ints) -> dict[str, Floats]:
        """Return the columns of windows, (..., n) each; `weights` (..., n_days) are whole."""
        return {name: weights @ column for name, column in self.days.items()}


def columns(tables: Tables) -> Columns:
    """Return the columns of all days that have a labelled row."""
    days = [table for table in tables.days.values() if table.rows]
    n_bins = len(tables.edges) + 1

    def by_day(values: list[Any], n: int) -> Floats:
        return np.array(values, dtype=np.float64).reshape(len(days), n)

    by_name = {"rows": by_day([day.rows for day in days], 1)}
    for name in BINS[tables.task]:
        by_name[name] = by_day([day.bins[name] for day in days], n_bins)
    for name in SUMS[tables.task]:
        by_name[name] = aligned(by_day([float(day.sums[name]) for day in days], 1), ROOM)
    if tables.task == "classification":
        wins, n_pairs, _ = _pairs(by_name)
        for name, pairs in (("won_within_days", wins), ("pairs_within_days", n_pairs)):
            by_name[name] = aligned(pairs[:, np.newaxis] / by_name["rows"], ROOM)
    return Columns(tables.task, tables.edges, by_name)


def figures(task: Task, sums: Mapping[str, Floats]) -> Figures:
    """Return the figures of `task` from summed columns, (..., n) each.

    `bias` is the mean of score less label. `roc_auc_within_days` compares rows of the same day alone,
    each day weighted by its pairs / rows: whatever shifts all rows of a day, such as its weather,
    cancels, and a window of a few days varies less (strata weights of Mantel and Haenszel 1959).
    """
    rows = sums["rows"][..., 0]

    def mean(name: str) -> Floats:
        return _ratio(sums[name][..., 0], rows)

    if task == "regression":
        return {
            "mae": mean("absolute_error"),
            "rmse": np.sqrt(mean("squared_error")),
            "r2": 1 - _ratio(sums["squared_error"][..., 0], spread(task, sums) ** 2 * rows),
            "bias": mean("error"),
        }
    wins, n_pairs, estimated = _pairs(sums)
    within = _ratio(sums["won_within_days"][..., 0], sums["pairs_within_days"][..., 0])
    is_known = estimated <= MAX_ESTIMATED
    return {
        "roc_auc": np.where(is_known, _ratio(wins, n_pairs), np.nan),
        "roc_auc_within_days": np.where(is_known, within, np.nan),
        "log_loss": mean("log_loss"),
        "brier": mean("brier"),
        "bias": mean("score") - _ratio(sums["positives"].sum(axis=-1), rows),
    }


def spread(task: Task, sums: Mapping[str, Floats]) -> Floats:
    """Return the standard deviation of the labels, (...,)."""
    rows = sums["rows"][..., 0]
    if task == "classification":
        frac = _ratio(sums["positives"].sum(axis=-1), rows)
        return np.sqrt(frac * (1 - frac))
    mean, squared = (
        _ratio(sums["target"][..., 0], rows),
        _ratio(sums["squared_target"][..., 0], rows),
    )
    variance = squared - mean**2
    # Labels that are all the same leave only a rounding error.
    return np.sqrt(np.where(variance > ROUNDING * squared, variance, np.nan))


def _pairs(sums: Mapping[str, Floats]) -> tuple[Floats, Floats, Floats]:
    """Return the pairs of a negative and a positive that are ordered correctly, all pairs, and the share
    of pairs whose order inside a bin is estimated; (...,) each. Ties count half.

    Inside a bin the correctly ordered share is Φ(sqrt(π / 3) d / sqrt(v + w)), with d the
    difference of the labels' mean scores, v and w the variances: the area of the binormal model
    (Hanley 1988, Medical Decision Making 8:197), with a factor that makes small d exact where scores
    are uniform, as inside a narrow bin they nearly are.
    """
    negatives, positives = sums["negatives"], sums["positives"]
    below = np.cumsum(negatives, axis=-1) - negatives
    mean, variance = _moments(sums, "positive")
    other_mean, other_variance = _moments(sums, "negative")
    gap, deviation = mean - other_mean, np.sqrt(variance + other_variance)
    distance = np.divide(
        NEARLY_UNIFORM * gap, deviation, out=np.copysign(np.inf, gap), where=deviation > 0
    )
    inside = negatives * positives
    right = np.where(gap == 0, 0.5, ndtr(distance))
    wins = (positives * below + inside * right).sum(axis=-1)
    n_pairs = negatives.sum(axis=-1) * positives.sum(axis=-1)
    return wins, n_pairs, _ratio(np.where(deviation > 0, inside, 0.0).sum(axis=-1), n_pairs)


def _moments(sums: Mapping[str, Floats], label: str) -> tuple[Floats, Floats]:
    """Return mean and variance of the positions of one label, (..., n_bins); 0 where it has no row."""
    rows = np.maximum(sums[f"{label}s"], 1.0)
    mean, mean_square = sums[f"{label}_positions"] / rows, sums[f"{label}_squares"] / rows
    variance = mean_square - mean**2
    return mean, np.where(variance > ROUNDING * mean_square, variance, 0.0)


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=ratio, where=whole != 0)
    return ratio
