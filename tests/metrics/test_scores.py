"""Every metric of a task, against figures worked by hand or by scikit-learn."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mooring.config.metric import METRICS_OF_TASK
from mooring.errors import ModelError
from mooring.metrics.scores import (
    equal_count_bins,
    expected_calibration_error,
    measure,
    score,
)
from mooring.metrics.weighted import statistic

TARGET = np.array([0.0, 0.0, 1.0, 1.0])
SCORES = np.array([0.1, 0.4, 0.35, 0.8])


def test_classification_has_every_metric():
    assert measure("classification", TARGET, SCORES, n_bins=2) == {
        "n": 4,
        "positives": 2,
        "roc_auc": 0.75,
        "average_precision": pytest.approx(5 / 6),
        "log_loss": pytest.approx(-np.log([0.9, 0.6, 0.35, 0.8]).mean()),
        "brier": pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4),
        # Bins {0.1, 0.35} with 1 of 2 positive, {0.4, 0.8} with 1 of 2.
        "expected_calibration_error": pytest.approx((abs(0.45 - 1) + abs(1.2 - 1)) / 4),
    }


def test_regression_has_every_metric():
    target = np.zeros(101)
    target[0] = 101.0
    got = measure("regression", target, np.arange(101.0), n_bins=10)
    squares = 101**2 + sum(i * i for i in range(1, 101))
    assert got == {
        "n": 101,
        "rmse": pytest.approx(np.sqrt(squares / 101)),
        "mae": pytest.approx((101 + 5050) / 101),
        "r2": pytest.approx(1 - squares / (101**2 - 101)),
        "bias": pytest.approx(49.0),
        "absolute_error_p50": 51.0,
        "absolute_error_p90": 91.0,
        "absolute_error_p95": 96.0,
        "absolute_error_p99": 100.0,
    }


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_leaves_rankings_undefined_and_losses_defined(label):
    got = measure("classification", np.full(3, label), np.full(3, 0.5), n_bins=5)
    assert (got["roc_auc"], got["average_precision"]) == (None, None)
    assert got["log_loss"] == pytest.approx(np.log(2))
    assert got["brier"] == got["expected_calibration_error"] / 2 == 0.25


@pytest.mark.parametrize("task", METRICS_OF_TASK)
@pytest.mark.parametrize("n", [0, 1, 2])
def test_measures_are_json_however_few_the_rows(task, n):
    got = measure(task, np.ones(n), np.full(n, 0.5), n_bins=10)
    json.dumps(got, allow_nan=False)
    assert got["n"] == n
    assert got["r2" if task == "regression" else "roc_auc"] is None


def test_certain_and_wrong_scores_have_a_finite_log_loss():
    got = measure("classification", np.array([0.0, 1.0]), np.array([1.0, 0.0]), n_bins=2)
    assert got["log_loss"] == pytest.approx(-np.log(np.finfo(float).eps))


@pytest.mark.parametrize("task", METRICS_OF_TASK)
def test_gate_metric_and_reported_metric_are_equal(task):
    random = np.random.default_rng(1)
    target = (random.random(500) < 0.3).astype(float)
    scores = random.random(500).round(2)
    once, units = np.ones(500, dtype=np.int64), np.arange(500)
    got = measure(task, target, scores, n_bins=10)
    for metric in METRICS_OF_TASK[task]:
        assert score(metric, target, scores) == got[metric]
        assert statistic(metric, target, scores, units).at(once) == pytest.approx(
            got[metric], rel=1e-12
        )


def test_score_of_one_class_says_what_is_missing():
    with pytest.raises(ModelError) as caught:
        score("roc_auc", np.zeros(3), np.arange(3.0))
    assert str(caught.value) == (
        "roc_auc is undefined on 3 rows\n"
        "  expected: both classes\n"
        "  got: target values [0.0]\n"
        "  fix: use more rows"
    )


def test_score_is_scikit_learns():
    assert score("roc_auc", TARGET, SCORES) == roc_auc_score(TARGET, SCORES)


def test_scores_that_are_not_finite_are_refused():
    with pytest.raises(ModelError, match="scores not finite"):
        measure("regression", TARGET, SCORES * np.nan, n_bins=2)


def test_bins_hold_equal_counts():
    scores = np.random.default_rng(2).random(1000)
    bins = equal_count_bins(scores, 10)
    assert np.bincount(bins).tolist() == [100] * 10
    assert (np.diff(bins[np.argsort(scores)]) >= 0).all()


def test_equal_scores_share_a_bin_whatever_their_order():
    scores = np.array([0.2] * 70 + [0.5] * 20 + [0.9] * 10)
    assert np.bincount(equal_count_bins(scores, 10)).tolist() == [70, 20, 10]
    target = np.random.default_rng(3).integers(0, 2, 100).astype(float)
    turned = expected_calibration_error(target[::-1], scores[::-1], 10)
    assert turned == pytest.approx(expected_calibration_error(target, scores, 10), abs=1e-15)


def test_shares_equal_to_the_scores_have_no_calibration_error():
    scores = np.repeat([0.25, 0.75], 4)
    target = np.array([1.0, 0, 0, 0, 1, 1, 1, 0])
    assert expected_calibration_error(target, scores, 2) == 0.0
