"""What a classifier's figures would be if its scores were calibrated: advice, not evidence.

In: scores alone. Out: figures by name, those that are defined. It cannot see that a model has become worse
if the scores do not show it, as when the labels drift; no level may depend on it.
"""

import numpy as np

from mooring.errors import ModelError
from mooring.metrics.losses import row_losses
from mooring.metrics.weighted import Floats


def label_free_advisory(scores: Floats) -> dict[str, float]:
    """Return the expected figures of `scores`, (n_rows,), each taken as the probability of class 1.

    It is confidence-based performance estimation (CBPE), as NannyML documents it: each row counts as a
    positive with weight s and as a negative with weight 1 - s. Raises ModelError unless all are from
    0 to 1.
    """
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ModelError("scores are not probabilities", expected="numbers from 0 to 1")
    n = len(scores)
    if not n:
        return {"n": 0.0}

    def expected(loss: Floats, other: Floats) -> float:
        return float((scores * loss + (1 - scores) * other).mean())

    every, none = np.ones(n), np.zeros(n)
    auc = _expected_auc(scores)
    return {
        "n": float(n),
        "positive_frac": float(scores.mean()),
        **({} if auc is None else {"roc_auc": auc}),
        "log_loss": expected(
            row_losses("log_loss", every, scores, None), row_losses("log_loss", none, scores, None)
        ),
        "brier": float((scores * (1 - scores)).mean()),
    }


def _expected_auc(scores: Floats) -> float | None:
    """Return the expected pairs that are ordered correctly over the expected pairs; ties count half."""
    values, at = np.unique(scores, return_inverse=True)
    positives = np.bincount(at, scores)
    negatives = np.bincount(at, 1 - scores)
    below = np.cumsum(negatives) - negatives
    # A row does not pair with itself.
    self_pairs = float((scores * (1 - scores)).sum())
    pairs = float(positives.sum() * negatives.sum()) - self_pairs
    won = float((positives * (below + negatives / 2)).sum()) - self_pairs / 2
    return won / pairs if pairs > 0 and len(values) else None
