"""Losses of rows: their means are the metrics of the same name, and no row costs without bound."""

import math

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error, mean_squared_error

from mooring.errors import ModelError
from mooring.metrics.losses import CLIP, row_losses

RANDOM = np.random.default_rng(1)
TARGET = (RANDOM.random(200) < 0.3).astype(np.float64)
SCORES = np.clip(RANDOM.random(200), 0.01, 0.99)


@pytest.mark.parametrize(
    ("loss", "peer"),
    [
        ("brier", brier_score_loss),
        ("log_loss", log_loss),
        ("squared_error", mean_squared_error),
        ("absolute_error", mean_absolute_error),
    ],
)
def test_the_mean_is_the_metric(loss, peer) -> None:
    assert row_losses(loss, TARGET, SCORES, None).mean() == pytest.approx(peer(TARGET, SCORES))


def test_a_score_at_the_threshold_is_positive() -> None:
    target, scores = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.3, 0.3, 0.2, 0.2])
    assert row_losses("error", target, scores, 0.3).tolist() == [0, 1, 1, 0]


def test_the_log_loss_of_a_row_is_bounded() -> None:
    worst = row_losses("log_loss", np.array([1.0, 0.0]), np.array([0.0, 1.0]), None)
    assert worst == pytest.approx([-math.log(CLIP)] * 2)


@pytest.mark.parametrize(
    ("loss", "target", "scores"),
    [("brier", [2.0], [0.5]), ("brier", [1.0], [math.nan]), ("error", [1.0], [0.5])],
)
def test_values_without_a_loss_are_refused(loss, target, scores) -> None:
    with pytest.raises(ModelError):
        row_losses(loss, np.array(target), np.array(scores), None)
