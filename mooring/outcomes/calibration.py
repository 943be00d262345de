"""Whether scores are calibrated: observed shares by score.

In: `Tables` of a classifier. Out: bins of neighbouring scores, for reports; the judgement uses the bias.
"""

from typing import NamedTuple

import numpy as np

from mooring.errors import DataError
from mooring.metrics.weighted import Floats
from mooring.outcomes.figures import columns
from mooring.outcomes.tables import POSITIONS, Tables


class ScoreBin(NamedTuple):
    """Rows of neighbouring scores."""

    n: int
    mean_score: float
    observed_frac: float


def calibration(tables: Tables, n_bins: int) -> tuple[ScoreBin, ...]:
    """Return the calibration over all days, by ascending scores in bins of about equal counts.

    Raises DataError for a regression.
    """
    if tables.task != "classification":
        raise DataError("only a classifier's scores have a calibration", got=tables.task)
    by_day = columns(tables)
    sums = by_day.summed(np.ones(by_day.n_days))
    rows = sums["negatives"] + sums["positives"]
    bounds = np.array([0.0, *tables.edges, 1.0])
    places = (sums["negative_positions"] + sums["positive_positions"]) / POSITIONS
    scores = bounds[:-1] * rows + np.diff(bounds) * places
    groups = _groups(rows, n_bins)
    n = rows @ groups
    means, fracs = scores @ groups / n, sums["positives"] @ groups / n
    return tuple(
        ScoreBin(int(count), mean, frac)
        for count, mean, frac in zip(n, means.tolist(), fracs.tolist(), strict=True)
    )


def _groups(rows: Floats, n_groups: int) -> Floats:
    """Return (n_bins, n_groups) of 0 and 1: neighbouring bins together, of about equal counts, none empty."""
    middle = np.cumsum(rows) - rows / 2
    group = np.minimum(middle / max(rows.sum(), 1.0) * n_groups, n_groups - 1).astype(np.int64)
    members = (group[:, np.newaxis] == np.arange(n_groups)).astype(np.float64)
    return np.asarray(members[:, rows @ members > 0])
