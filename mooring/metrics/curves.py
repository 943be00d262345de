"""The tables behind DVC's plots: one for each curve.

In: target and scores (n,). Out: a DataFrame that the caller writes as CSV; it has no rows if its
curve is undefined, such as with one class only.
"""

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve, roc_curve

from mooring.metrics.scores import equal_count_bins
from mooring.metrics.weighted import Floats, Ints

MAX_POINTS = 500
MAX_RESIDUALS = 1000
Z_95 = 1.959964
"""The 97.5% point of the normal distribution."""
THRESHOLDS = np.arange(5, 100, 5) / 100


def roc(target: Floats, scores: Floats) -> pd.DataFrame:
    """Return fpr and tpr, ascending, at most 500 points."""
    if len(np.unique(target)) < 2:
        return pd.DataFrame({"fpr": [], "tpr": []}, dtype=np.float64)
    fpr, tpr, _ = roc_curve(target, scores)
    kept = _corners(fpr, tpr)
    return pd.DataFrame({"fpr": fpr[kept], "tpr": tpr[kept]})


def precision_recall(target: Floats, scores: Floats) -> pd.DataFrame:
    """Return recall, ascending, and precision, at most 500 points."""
    if len(np.unique(target)) < 2:
        return pd.DataFrame({"recall": [], "precision": []}, dtype=np.float64)
    precision, recall, _ = precision_recall_curve(target, scores, drop_intermediate=True)
    precision, recall = precision[::-1], recall[::-1]
    kept = _corners(recall, precision)
    return pd.DataFrame({"recall": recall[kept], "precision": precision[kept]})


def calibration(target: Floats, scores: Floats, n_bins: int) -> pd.DataFrame:
    """Return mean_score, observed_frac, n, and its 95% Wilson interval low and high, per bin."""
    table = mean_calibration(target, scores, n_bins).rename(
        columns={"mean_target": "observed_frac"}
    )
    low, high = wilson(table["observed_frac"].to_numpy(), table["n"].to_numpy())
    return table.assign(low=low, high=high)


def mean_calibration(target: Floats, scores: Floats, n_bins: int) -> pd.DataFrame:
    """Return mean_score, mean_target and n of each equal-count bin, ascending."""
    bins = equal_count_bins(scores, n_bins)
    n = np.bincount(bins)
    means = {
        name: np.bincount(bins, weights=values) / n
        for name, values in (("mean_score", scores), ("mean_target", target))
    }
    return pd.DataFrame(means | {"n": n})


def confusion(target: Floats, scores: Floats, threshold: float) -> pd.DataFrame:
    """Return the confusion matrix: outcome, actual, predicted and n in four rows, not one per sample.

    DVC's template `confusion` counts rows and takes no weights; `bar_horizontal` with x n and
    y outcome draws these four.
    """
    flagged = scores >= threshold
    cells = [(1, 1), (1, 0), (0, 1), (0, 0)]
    return pd.DataFrame(
        {
            "outcome": ["true positive", "false negative", "false positive", "true negative"],
            "actual": [actual for actual, _ in cells],
            "predicted": [predicted for _, predicted in cells],
            "n": [int(np.sum((target == a) & (flagged == bool(p)))) for a, p in cells],
        }
    )


def thresholds(target: Floats, scores: Floats) -> pd.DataFrame:
    """Return threshold, precision, recall, f1, flagged_frac and n_flagged; NaN where undefined."""
    rising = np.sort(scores)
    rising_positives = np.sort(scores[target == 1])
    n_flagged = len(rising) - np.searchsorted(rising, THRESHOLDS, side="left")
    n_hits = len(rising_positives) - np.searchsorted(rising_positives, THRESHOLDS, side="left")
    return pd.DataFrame(
        {
            "threshold": THRESHOLDS,
            "precision": _ratio(n_hits, n_flagged),
            "recall": _ratio(n_hits, len(rising_positives)),
            "f1": _ratio(2 * n_hits, n_flagged + len(rising_positives)),
            "flagged_frac": _ratio(n_flagged, len(rising)),
            "n_flagged": n_flagged,
        }
    )


def residuals(target: Floats, scores: Floats, seed: int) -> pd.DataFrame:
    """Return predicted and residual (target - predicted) of at most 1000 rows, seeded."""
    rows = np.arange(len(target))
    if len(rows) > MAX_RESIDUALS:
        drawn = np.random.default_rng(seed).choice(rows, MAX_RESIDUALS, replace=False)
        rows = np.sort(drawn)
    return pd.DataFrame({"predicted": scores[rows], "residual": target[rows] - scores[rows]})


def wilson(frac: Floats, n: Ints) -> tuple[Floats, Floats]:
    """Return the 95% score interval of a share `frac` of `n` (Wilson 1927)."""
    squared = Z_95**2
    centre = (frac + squared / (2 * n)) / (1 + squared / n)
    half = Z_95 * np.sqrt(frac * (1 - frac) / n + squared / (4 * n**2)) / (1 + squared / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _corners(x: Floats, y: Floats) -> Ints:
    """Return the positions of at most MAX_POINTS points, with both ends of every long step.

    Points are taken at equal distances along the curve. A step longer than that distance keeps
    both its ends; there are at most as many such steps as distances, so at most three points each.
    """
    if len(x) <= MAX_POINTS:
        return np.arange(len(x))
    steps = np.abs(np.diff(x)) + np.abs(np.diff(y))
    length = np.concatenate([[0.0], np.cumsum(steps)])
    n_parts = (MAX_POINTS - 2) // 3
    even = np.searchsorted(length, np.linspace(0, length[-1], n_parts, endpoint=False))
    long = np.flatnonzero(steps > length[-1] / n_parts)
    return np.unique(np.concatenate([even, long, long + 1, [0, len(x) - 1]]))


def _ratio(part: Ints, whole: Ints | int) -> Floats:
    whole = np.broadcast_to(whole, part.shape)
    ratio = np.full(part.shape, np.nan)
    np.divide(part, whole, out=ratio, where=whole != 0)
    return ratio
