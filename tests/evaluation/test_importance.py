"""Permutation importance: the inputs that the scores hang on come first."""

from typing import Any

import numpy as np
import pytest

from mooring.config.metric import Metric
from mooring.evaluation.importance import permutation_importance

RANDOM = np.random.default_rng(5)
INPUTS: dict[str, Any] = {
    "noise": RANDOM.normal(size=500),
    "signal": RANDOM.normal(size=500),
    "hint": RANDOM.normal(size=500),
    "text": RANDOM.choice(np.array(["a", ""], dtype=object), 500),
}
RAW = 3 * INPUTS["signal"] + 0.5 * INPUTS["hint"]


def importances(metric: Metric, n_rows: int = 400, n_repeats: int = 4, seed: int = 1) -> Any:
    def predict(columns: Any) -> Any:
        raw = 3 * columns["signal"] + 0.5 * columns["hint"]
        return raw if metric in ("rmse", "mae", "r2") else 1 / (1 + np.exp(-raw))

    target = RAW if metric in ("rmse", "mae", "r2") else (RAW > 0).astype(np.float64)
    return permutation_importance(
        predict, INPUTS, target, metric, n_rows=n_rows, n_repeats=n_repeats, seed=seed
    )


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss", "rmse", "r2"])
def test_informative_inputs_rank_first_for_any_metric(metric: Metric) -> None:
    table = importances(metric)
    assert table["column"].tolist() == ["signal", "hint", "noise", "text"]
    assert table["importance"][1] > 0
    assert table["importance"].tolist()[2:] == [0.0, 0.0]
    assert (table["standard_error"] >= 0).all()


def test_importances_are_reproducible_and_depend_on_the_seed() -> None:
    assert importances("roc_auc").equals(importances("roc_auc"))
    assert not importances("roc_auc", seed=2).equals(importances("roc_auc"))


def test_too_many_rows_means_all_and_one_repeat_has_no_error() -> None:
    table = importances("mae", n_rows=10_000, n_repeats=1)
    assert table["standard_error"].isna().all()
    assert table["column"][0] == "signal"
