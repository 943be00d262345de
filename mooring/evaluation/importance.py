"""Permutation importance (Breiman 2001): how much the metric loses when one input is shuffled.

Inputs are shuffled, not features, so that a derived column counts towards its inputs. The compiled model
scores, since that is the served one.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mooring.config.metric import HIGHER_IS_BETTER, Metric
from mooring.metrics.scores import score

Columns = Mapping[str, NDArray[Any]]


def permutation_importance(
    predict: Callable[[Columns], NDArray[np.float64]],
    inputs: Columns,
    target: NDArray[np.float64],
    metric: Metric,
    *,
    n_rows: int,
    n_repeats: int,
    seed: int,
) -> pd.DataFrame:
    """Return column, importance (the mean loss of `metric`) and its standard error, largest first."""
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(target))[:n_rows])
    sample = {name: values[rows] for name, values in inputs.items()}
    sign = 1.0 if metric in HIGHER_IS_BETTER else -1.0
    whole = score(metric, target[rows], predict(sample))
    importances = []
    for name in inputs:
        losses = [
            sign
            * (
                whole
                - score(
                    metric,
                    target[rows],
                    predict({**sample, name: random.permutation(sample[name])}),
                )
            )
            for _ in range(n_repeats)
        ]
        error = float(np.std(losses, ddof=1) / np.sqrt(n_repeats)) if n_repeats > 1 else None
        importances.append(
            {"column": name, "importance": float(np.mean(losses)), "standard_error": error}
        )
    table = pd.DataFrame(importances)
    return table.sort_values(["importance", "column"], ascending=[False, True], ignore_index=True)
