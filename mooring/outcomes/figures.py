"""The figures of a window, from the sums of its days: for one window, or for many drawn at once.

In: `Tables`. Out: `Columns`, one array by day for each thing that is summed, and figures of weighted sums
of days. The weights are whole, and the columns are rounded so that sums of them are exact, which gives
the same digits on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mooring.config.metric import Task
from mooring.metrics.weighted import Floats, Ints
from mooring.outcomes.exact import aligned, floats
from mooring.outcomes.tables import BINS, SUMS, Tables

MAX_UNRESOLVED = 0.5
"""Beyond this share of pairs inside one bin the AUC is not known to 0.0015, and is undefined."""
ROOM = 2**12
"""To what the weights of a sum of days may add up with no rounding: eleven years."""
ROUNDING = 1e-12
"""A variance below this share of the mean square is that of values that are all the same."""
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
    found: dict[str, Floats] = {"rows": np.array([[float(day.rows)] for day in days])}
    for name in BINS[tables.task]:
        counts = [day.bins[name] for day in days]
        found[name] = np.array(counts, dtype=np.float64).reshape(-1, n_bins)
    for name in SUMS[tables.task]:
        found[name] = aligned(floats([day.sums[name] for day in days])[:, np.newaxis], ROOM)
    if tables.task == "classification":
        wins, n_pairs, _ = _pairs(found)
        rows = found["rows"][:, 0]
        found["won_within_days"] = aligned((wins / rows)[:, np.newaxis], ROOM)
        found["pairs_within_days"] = aligned((n_pairs / rows)[:, np.newaxis], ROOM)
    found = {name: column.reshape(len(days), -1) for name, column in found.items()}
    return Columns(tables.task, tables.edges, found)


def figures(task: Task, sums: Mapping[str, Floats]) -> Figures:
    """Return the figures of `task` from summed columns, (..., n) each.

    `bias` is the mean of score less label. `roc_auc_within_days` compares rows of the same day alone,
    a day weighing as its pairs / rows: what lifts or lowers all rows of a day, such as its weather,
    cancels, and a window of a few days spreads less (Mantel and Haenszel 1959 weigh strata so).
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
    wins, n_pairs, unresolved = _pairs(sums)
    within = _ratio(sums["won_within_days"][..., 0], sums["pairs_within_days"][..., 0])
    is_known = unresolved <= MAX_UNRESOLVED
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
    # Labels that are all the same leave only rounding.
    return np.sqrt(np.where(variance > ROUNDING * squared, variance, np.nan))


def _pairs(sums: Mapping[str, Floats]) -> tuple[Floats, Floats, Floats]:
    """Return the pairs of a negative and a positive that are ordered right, all pairs, and the share
    of pairs that lie in one bin at different scores; (...,) each.

    Inside a bin the two labels' chances are taken to change evenly with the score. Then the share that
    is ordered right is one half plus the difference of their mean scores over the width that the
    scores take up, sqrt(12) standard deviations, as for a uniform distribution. Ties count half.
    """
    negatives, positives = sums["negatives"], sums["positives"]
    n_negatives, n_positives = negatives.sum(axis=-1), positives.sum(axis=-1)
    below = np.cumsum(negatives, axis=-1) - negatives
    rows = negatives + positives
    means = [
        _ratio(sums[f"{name}_positions"], sums[f"{name}s"]) for name in ("positive", "negative")
    ]
    total = sums["positive_positions"] + sums["negative_positions"]
    squared = rows * sums["squared_positions"]
    scatter = np.where(squared - total**2 > ROUNDING * squared, squared - total**2, 0.0)
    width = np.sqrt(12.0 * scatter) / np.maximum(rows, 1.0)
    lead = np.clip(np.nan_to_num(_ratio(means[0] - means[1], width)), -0.5, 0.5)
    inside = negatives * positives
    wins = (positives * below + inside * (0.5 + lead)).sum(axis=-1)
    n_pairs = n_negatives * n_positives
    return wins, n_pairs, _ratio(np.where(width > 0, inside, 0.0).sum(axis=-1), n_pairs)


def _ratio(part: Floats, whole: Floats) -> Floats:
    found = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=found, where=whole != 0)
    return found
