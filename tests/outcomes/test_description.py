"""What describes and does not judge: calibration, and advice without labels."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mooring.errors import DataError, IntegrityError, ModelError
from mooring.metrics.scores import expected_calibration_error
from mooring.outcomes.advisory import label_free_advisory
from mooring.outcomes.calibration import calibration
from mooring.outcomes.reference import read_reference, write_reference
from mooring.outcomes.tables import Tables
from tests.support.outcomes import Rows, edges_for, names, rows

SOME = rows(40, 500, day_spread=0.0)
EDGES = edges_for(SOME)


def test_calibrated_scores_are_found_to_be_so() -> None:
    found = calibration(SOME.tables(EDGES), n_bins=10)
    assert sum(each.n for each in found) == 20_000
    assert len(found) == 10
    gaps = np.array([abs(each.mean_score - each.observed_frac) for each in found])
    exact = expected_calibration_error(SOME.labels, SOME.scores, 10)
    assert gaps.mean() == pytest.approx(exact, abs=0.004)
    assert gaps.max() < 0.03


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_has_shares(label: float) -> None:
    one_class = Rows(SOME.days, SOME.scores, np.full(20_000, label)).tables(EDGES)
    assert {each.observed_frac for each in calibration(one_class, n_bins=10)} == {label}


def test_no_rows_have_no_calibration() -> None:
    assert calibration(Tables(task="classification", edges=EDGES, days={}), n_bins=10) == ()


def test_a_regression_has_no_calibration() -> None:
    with pytest.raises(DataError, match="only a classifier's scores have a calibration\n  got: r"):
        calibration(Tables(task="regression", edges=(), days={}), n_bins=10)


def test_advice_is_right_where_scores_are_the_chances() -> None:
    found = label_free_advisory(SOME.scores)
    assert found["n"] == 20_000
    assert found["positive_frac"] == pytest.approx(SOME.labels.mean(), abs=0.01)
    assert found["roc_auc"] == pytest.approx(roc_auc_score(SOME.labels, SOME.scores), abs=0.01)
    assert found["brier"] == pytest.approx(np.mean((SOME.scores - SOME.labels) ** 2), abs=0.005)


def test_advice_is_blind_to_labels_that_no_longer_follow_the_scores() -> None:
    """Why no verdict hangs on it: it has nothing but the scores."""
    flipped = roc_auc_score(1 - SOME.labels, SOME.scores)
    assert flipped < 0.3
    assert label_free_advisory(SOME.scores)["roc_auc"] > 0.7


def test_the_expected_auc_is_that_of_all_labellings_by_hand() -> None:
    # Pairs with (positive, negative): (0.8, 0.2) right with 0.8 * 0.8, wrong with 0.2 * 0.2.
    assert label_free_advisory(np.array([0.2, 0.8]))["roc_auc"] == pytest.approx(0.64 / 0.68)
    assert label_free_advisory(np.array([0.5, 0.5]))["roc_auc"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], {"n": 0}),
        (
            [1.0],
            {"n": 1, "positive_frac": 1, "log_loss": pytest.approx(0, abs=1e-5), "brier": 0},
        ),
    ],
)
def test_advice_leaves_out_what_is_undefined(scores: list[float], expected: dict[str, Any]) -> None:
    assert label_free_advisory(np.array(scores)) == expected


@pytest.mark.parametrize("score", [-0.1, 1.1, np.nan])
def test_scores_that_are_no_chances_are_refused(score: float) -> None:
    with pytest.raises(ModelError) as caught:
        label_free_advisory(np.array([0.5, score]))
    assert str(caught.value) == "scores are not probabilities\n  expected: numbers from 0 to 1"


def test_a_reference_is_read_as_it_was_written(tmp_path) -> None:
    path = tmp_path / "reference_outcomes.json"
    some = rows(3)
    write_reference(path, "classification", some.days, some.scores, some.labels, 50)
    assert read_reference(path) == some.tables(edges_for(some))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(IntegrityError, match="is not a table of outcomes"):
        read_reference(path)
    with pytest.raises(IntegrityError, match="nowhere: cannot be read"):
        read_reference(tmp_path / "nowhere")


def test_a_reference_without_time_is_counted_by_blocks(tmp_path) -> None:
    path = tmp_path / "reference_outcomes.json"
    blocks = np.array(["block-001", "block-000", "block-001"])
    write_reference(path, "regression", blocks, np.arange(3.0), np.zeros(3), 20)
    assert {name: table.rows for name, table in read_reference(path).days.items()} == {
        "block-000": 1,
        "block-001": 2,
    }
    assert names(np.array([0])).tolist() == ["2024-01-01"]
