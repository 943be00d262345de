"""The tables behind the plots: small enough to draw, and true to the full curves."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import auc, precision_recall_curve, roc_auc_score, roc_curve

from mooring.metrics.curves import (
    calibration,
    confusion,
    mean_calibration,
    precision_recall,
    residuals,
    roc,
    thresholds,
    wilson,
)

N = 20_000
RANDOM = np.random.default_rng(7)
TARGET = (RANDOM.random(N) < 0.3).astype(np.float64)
SCORES = 1 / (1 + np.exp(1.5 - RANDOM.normal(size=N) - TARGET))


def test_roc_is_thinned_and_keeps_its_area():
    table = roc(TARGET, SCORES)
    assert len(table) <= 500
    assert auc(table["fpr"], table["tpr"]) == pytest.approx(roc_auc_score(TARGET, SCORES), abs=1e-4)


def test_roc_of_few_scores_is_every_corner():
    scores = SCORES.round(1)
    fpr, tpr, _ = roc_curve(TARGET, scores)
    table = roc(TARGET, scores)
    assert table["fpr"].tolist() == fpr.tolist()
    assert table["tpr"].tolist() == tpr.tolist()


def test_roc_keeps_both_ends_of_a_long_step_between_many_short_ones():
    scores = np.where(np.abs(SCORES - 0.3) < 0.1, 0.3, SCORES)
    flagged = [(scores > 0.3), (scores >= 0.3)]
    table = roc(TARGET, scores)
    assert len(table) <= 500
    points = set(zip(table["fpr"], table["tpr"], strict=True))
    for each in flagged:
        corner = each[TARGET == 0].mean(), each[TARGET == 1].mean()
        assert any(np.allclose(corner, point, atol=1e-12) for point in points)


def test_precision_recall_is_a_thinned_part_of_the_full_curve():
    precision, recall, _ = precision_recall_curve(TARGET, SCORES)
    table = precision_recall(TARGET, SCORES)
    full = set(zip(recall, precision, strict=True))
    assert 100 < len(table) <= 500
    assert set(zip(table["recall"], table["precision"], strict=True)) <= full
    assert table["recall"].is_monotonic_increasing
    assert table["recall"].iloc[[0, -1]].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("target", [np.zeros(3), np.ones(3), np.empty(0)])
def test_curves_of_one_class_have_columns_and_no_rows(target):
    scores = np.linspace(0, 1, len(target))
    assert roc(target, scores).to_csv(index=False) == "fpr,tpr\n"
    assert precision_recall(target, scores).to_csv(index=False) == "recall,precision\n"


def test_calibration_counts_by_bin_with_a_wilson_interval():
    scores = np.repeat([0.25, 0.75], 8)
    target = np.array([1.0, 1] + [0] * 6 + [1] * 8)
    table = calibration(target, scores, 2)
    assert list(table) == ["mean_score", "observed_frac", "n", "low", "high"]
    assert table[["mean_score", "observed_frac", "n"]].to_numpy().tolist() == [
        [0.25, 0.25, 8],
        [0.75, 1.0, 8],
    ]
    for frac, low, high in table[["observed_frac", "low", "high"]].to_numpy():
        expected = binomtest(int(frac * 8), 8).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_wilson_stays_within_0_and_1():
    low, high = wilson(np.array([0.0, 1.0]), np.array([1, 1]))
    assert (low >= 0).all() and (high <= 1).all()


def test_calibration_of_no_rows_has_no_rows():
    assert calibration(np.empty(0), np.empty(0), 10).empty


def test_mean_calibration_of_a_regression():
    table = mean_calibration(np.array([1.0, 3, 10, 20]), np.array([2.0, 4, 8, 12]), 2)
    assert table.to_dict("list") == {
        "mean_score": [3.0, 10.0],
        "mean_target": [2.0, 15.0],
        "n": [2, 2],
    }


def test_confusion_counts_each_outcome_with_the_threshold_flagged():
    target = np.array([1.0, 1, 1, 0, 0, 0, 0])
    scores = np.array([0.5, 0.6, 0.4, 0.5, 0.1, 0.2, 0.3])
    assert confusion(target, scores, 0.5).to_csv(index=False) == (
        "outcome,actual,predicted,n\n"
        "true positive,1,1,2\n"
        "false negative,1,0,1\n"
        "false positive,0,1,1\n"
        "true negative,0,0,3\n"
    )


def test_thresholds_run_from_5_to_95_hundredths():
    target = np.array([1.0, 1, 0, 0])
    table = thresholds(target, np.array([0.5, 0.9, 0.5, 0.1])).set_index("threshold")
    assert list(table.index) == [round(0.05 * i, 2) for i in range(1, 20)]
    assert table.loc[0.5].tolist() == [2 / 3, 1.0, 0.8, 0.75, 3]
    assert table.loc[0.55].tolist() == [1.0, 0.5, 2 / 3, 0.25, 1]
    assert np.isnan(table.loc[0.95, "precision"])
    assert table.loc[0.95, ["recall", "f1", "n_flagged"]].tolist() == [0.0, 0.0, 0]


def test_residuals_are_target_less_predicted():
    table = residuals(np.array([1.0, 2.0]), np.array([3.0, 1.0]), seed=1)
    assert table.to_dict("list") == {"predicted": [3.0, 1.0], "residual": [-2.0, 1.0]}


def test_residuals_are_thinned_the_same_way_for_the_same_seed():
    one, same, other = (residuals(TARGET, SCORES, seed) for seed in (1, 1, 2))
    assert len(one) == 1000
    assert one.equals(same)
    assert not one.equals(other)
    assert one["predicted"].is_unique
