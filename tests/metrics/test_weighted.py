"""Each metric at drawn counts equals scikit-learn's with the same sample weights."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from mooring.errors import ModelError
from mooring.metrics.weighted import (
    MAX_MATRIX_UNITS,
    PairMatrix,
    RankedPairs,
    checked,
    statistic,
)

SKLEARN = {
    "roc_auc": roc_auc_score,
    "average_precision": average_precision_score,
    "log_loss": log_loss,
    "brier": brier_score_loss,
    "mae": mean_absolute_error,
    "rmse": root_mean_squared_error,
    "r2": r2_score,
}
REGRESSION = {"mae", "rmse", "r2"}


def rows(metric: str, n: int, decimals: int, seed: int):
    """Return target and scores in (0, 1), with many ties at few decimals."""
    random = np.random.default_rng(seed)
    if metric in REGRESSION:
        target = 1e4 + random.normal(size=n)
        return target, target + random.normal(size=n).round(decimals)
    target = (random.random(n) < 0.3).astype(np.float64)
    scores = 1 / (1 + np.exp(-(random.normal(size=n) + target)))
    return target, np.clip(scores.round(decimals), 0.01, 0.99)


@pytest.mark.parametrize("decimals", [1, 12])
@pytest.mark.parametrize("n_units", [7, MAX_MATRIX_UNITS, MAX_MATRIX_UNITS + 1, 2000])
@pytest.mark.parametrize("metric", SKLEARN)
def test_metric_at_drawn_counts_equals_scikit_learn_at_the_same_weights(metric, n_units, decimals):
    target, scores = rows(metric, 2000, decimals, seed=3)
    random = np.random.default_rng(4)
    units = np.arange(2000) % n_units
    prepared = statistic(metric, target, scores, units)
    for _ in range(5):
        counts = np.bincount(random.integers(0, n_units, n_units), minlength=n_units)
        expected = SKLEARN[metric](target, scores, sample_weight=counts[units])
        assert prepared.at(counts) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_pair_matrix_and_ranked_pairs_agree_to_the_last_bit():
    target, scores = rows("roc_auc", 500, 1, seed=5)
    units = np.arange(500) // 50
    counts = np.random.default_rng(6).multinomial(10, [0.1] * 10)
    assert PairMatrix(target, scores, units).at(counts) == RankedPairs(target, scores, units).at(
        counts
    )


def test_all_scores_tied_give_half():
    target = np.array([0.0, 1.0, 1.0, 0.0, 0.0])
    for form in (PairMatrix, RankedPairs):
        assert form(target, np.ones(5), np.arange(5)).at(np.ones(5, dtype=np.int64)) == 0.5


@pytest.mark.parametrize("metric", ["roc_auc", "average_precision"])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_is_undefined(metric, label):
    prepared = statistic(metric, np.full(4, label), np.arange(4.0), np.arange(4))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(prepared.at(np.ones(4, dtype=np.int64)))


@pytest.mark.parametrize("tenths", range(1, 30))
def test_r2_of_a_constant_target_is_undefined_despite_rounding(tenths):
    target = np.array([tenths / 10] * 3 + [7.7])
    prepared = statistic("r2", target, np.arange(4.0), np.arange(4))
    assert np.isnan(prepared.at(np.array([1, 3, 3, 0])))
    assert not np.isnan(prepared.at(np.array([1, 2, 0, 1])))


@pytest.mark.parametrize("metric", SKLEARN)
def test_no_rows_are_undefined(metric):
    empty = np.empty(0)
    prepared = statistic(metric, empty, empty, np.empty(0, dtype=np.int64))
    assert np.isnan(prepared.at(np.empty(0, dtype=np.int64)))


def test_scores_of_zero_and_one_give_a_finite_log_loss():
    target, scores = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    value = statistic("log_loss", target, scores, np.arange(2)).at(np.ones(2, dtype=np.int64))
    assert value == pytest.approx(log_loss(target, scores), rel=1e-12)


@pytest.mark.parametrize(
    ("target", "scores", "message"),
    [
        ([0, 1], [0.5], "target and scores differ in shape"),
        ([0, 1], [0.5, np.nan], "scores not finite"),
        ([np.inf, 1], [0.5, 0.5], "target not finite"),
        ([0, 2], [0.5, 0.5], "target is not binary"),
    ],
)
def test_invalid_values_are_refused(target, scores, message):
    with pytest.raises(ModelError) as caught:
        checked(np.array(target, dtype=float), np.array(scores), binary=True)
    assert caught.value.what == message
