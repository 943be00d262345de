"""Losses of single scores against their labels, whose mean compares models.

In: target and scores (n,). Out: losses (n,), all finite; smaller is better.
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from mooring.config.metric import Task
from mooring.errors import ModelError
from mooring.metrics.weighted import Floats, checked

ClassificationLoss = Literal["brier", "log_loss", "error"]
RegressionLoss = Literal["squared_error", "absolute_error"]
Loss = ClassificationLoss | RegressionLoss

LOSSES_OF_TASK: dict[Task, tuple[Loss, ...]] = {
    "classification": get_args(ClassificationLoss),
    "regression": get_args(RegressionLoss),
}
"""The losses of each task; the first is the default."""
CLIP = 1e-6
"""log_loss clips scores this far from 0 and 1, so that a row costs at most 13.8 and a single wrong one
does not outweigh a day."""


def row_losses(loss: Loss, target: Floats, scores: Floats, threshold: float | None) -> Floats:
    """Return the loss of each row; `error` needs the `threshold` at or above which a score is positive.

    Raises ModelError if values are not finite, the target does not fit the task, or the threshold is missing.
    """
    checked(target, scores, binary=loss in LOSSES_OF_TASK["classification"])
    if loss == "error":
        if threshold is None:
            raise ModelError(
                "the metric error requires a threshold", fix="set report.threshold, or --threshold"
            )
        wrong = (scores >= threshold) != (target == 1)
        return np.asarray(wrong, dtype=np.float64)
    return _LOSSES[loss](target, scores)


def _log_loss(target: Floats, scores: Floats) -> Floats:
    chances = np.clip(scores, CLIP, 1 - CLIP)
    return np.asarray(-np.log(np.where(target == 1, chances, 1 - chances)))


def _squared(target: Floats, scores: Floats) -> Floats:
    return np.asarray((target - scores) ** 2)


def _absolute(target: Floats, scores: Floats) -> Floats:
    return np.asarray(np.abs(target - scores))


_LOSSES: dict[Loss, Callable[[Floats, Floats], Floats]] = {
    "brier": _squared,
    "log_loss": _log_loss,
    "squared_error": _squared,
    "absolute_error": _absolute,
}
