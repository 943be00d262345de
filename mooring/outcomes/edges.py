"""The edges of the bins of outcomes, fixed by the reference so that the tables of all days add up.

Half of the edges of a classifier's scores are quantiles of the reference, close together where its scores
are, even if those lie in a narrow range; the others are even steps of the log-odds, for scores that have
moved to where the reference had few. The figures of a regression are sums, which need no bins.
"""

import numpy as np

from mooring.config.metric import Task
from mooring.errors import ModelError
from mooring.metrics.weighted import Floats

LOG_ODDS = 7.0
"""The outermost steps: probabilities of 0.0009 and 0.9991."""
FIRST, LAST = np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)
"""The outermost edges that leave a bin for scores of 0 and for scores of 1."""


def edges_of(task: Task, scores: Floats, n_bins: int) -> tuple[float, ...]:
    """Return the inner edges, strictly ascending, n_bins - 1 or (where scores are tied) fewer.

    Bin j holds edges[j - 1] < score <= edges[j]; all edges are inside (0, 1). A regression has none.
    `scores` is (n_rows,). Raises ModelError if there is no row, or a score is not finite.
    """
    if not len(scores) or not np.isfinite(scores).all():
        raise ModelError(
            "cannot make bins for the outcomes of the reference",
            expected="one or more rows, all finite",
            got=f"{len(scores)} rows, {int((~np.isfinite(scores)).sum())} of them not finite",
        )
    if task == "regression":
        return ()
    n_even = n_bins // 2
    even = 1 / (1 + np.exp(-np.linspace(-LOG_ODDS, LOG_ODDS, n_even)))
    inside = np.clip(_quantiles(scores, n_bins - n_even), FIRST, LAST)
    return tuple(np.union1d(inside, even).tolist())


def _quantiles(values: Floats, n_bins: int) -> Floats:
    """Return the quantiles, ascending. A value that is several of them gets its own bin."""
    quantiles = np.quantile(values, np.arange(1, n_bins) / n_bins, method="inverted_cdf")
    distinct, times = np.unique(quantiles, return_counts=True)
    return np.union1d(distinct, np.nextafter(distinct[times > 1], -np.inf))
