"""Metrics of one model's scores: all metrics of a task, or one of them.

In: target and scores (n,). Out: plain numbers for JSON, None if a metric is undefined.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from mooring.config.metric import METRICS_OF_TASK, Metric, Task
from mooring.errors import ModelError
from mooring.metrics.weighted import BINARY, EPS, Floats, checked

Measures = dict[str, float | int | None]
ERROR_QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def measure(task: Task, target: Floats, scores: Floats, *, n_bins: int) -> Measures:
    """Return n and every metric of `task`, None if undefined.

    `n_bins` is for the calibration error. Raises ModelError if values are not finite, differ in
    length, or the target does not fit the task.
    """
    checked(target, scores, binary=task == "classification")
    values: Measures = {name: _score(name, target, scores) for name in METRICS_OF_TASK[task]}
    if task == "classification":
        n_positives = int(target.sum())
        error = expected_calibration_error(target, scores, n_bins)
        return (
            _head(target)
            | {"positives": n_positives}
            | values
            | {"expected_calibration_error": error}
        )
    return _head(target) | values | _errors(target, scores)


def score(metric: Metric, target: Floats, scores: Floats) -> float:
    """Return one metric. Raises ModelError if it is undefined, such as with one class only."""
    checked(target, scores, binary=metric in BINARY)
    value = _score(metric, target, scores)
    if value is None:
        raise ModelError(
            f"{metric} is undefined on {len(target)} rows",
            expected="both classes" if metric in BINARY else "two different target values",
            got=f"target values {np.unique(target)[:3].tolist()}",
            fix="use more rows",
        )
    return value


def expected_calibration_error(target: Floats, scores: Floats, n_bins: int) -> float | None:
    """Return the expected calibration error: the mean over rows of their bin's |mean score - share|."""
    if not len(target):
        return None
    bins = equal_count_bins(scores, n_bins)
    gaps = np.bincount(bins, weights=scores) - np.bincount(bins, weights=target)
    return float(np.abs(gaps).sum() / len(target))


def equal_count_bins(scores: Floats, n_bins: int) -> NDArray[np.int64]:
    """Return each row's equal-count bin, from 0; equal scores share a bin, so ties can merge bins."""
    ends = np.arange(1, n_bins) * len(scores) // n_bins
    edges = np.sort(scores)[ends[ends > 0] - 1]
    found = np.searchsorted(edges, scores, side="left")
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def _score(metric: Metric, target: Floats, scores: Floats) -> float | None:
    enough = 2 if metric in {"roc_auc", "average_precision", "r2"} else 1
    # Two distinct values: both classes, or a target that varies.
    if len(np.unique(target)) < enough:
        return None
    return float(_METRICS[metric](target, scores))


def _head(target: Floats) -> Measures:
    return {"n": len(target)}


def _errors(target: Floats, scores: Floats) -> Measures:
    names = [f"absolute_error_{name}" for name in ERROR_QUANTILES]
    if not len(target):
        return dict.fromkeys(["bias", *names])
    quantiles = np.quantile(np.abs(target - scores), list(ERROR_QUANTILES.values()))
    named = dict(zip(names, quantiles.tolist(), strict=True))
    return {"bias": float(np.mean(scores - target))} | named


def _log_loss(target: Floats, scores: Floats) -> float:
    return float(log_loss(target, np.clip(scores, EPS, 1 - EPS), labels=[0.0, 1.0]))


def _brier(target: Floats, scores: Floats) -> float:
    return float(brier_score_loss(target, scores, labels=[0.0, 1.0]))


_METRICS: dict[Metric, Callable[[Floats, Floats], float]] = {
    "roc_auc": roc_auc_score,
    "average_precision": average_precision_score,
    "log_loss": _log_loss,
    "brier": _brier,
    "rmse": root_mean_squared_error,
    "mae": mean_absolute_error,
    "r2": r2_score,
}
