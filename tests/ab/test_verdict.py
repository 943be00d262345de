"""The verdict: what it takes to merge, to close, and to say that one cannot tell."""

import numpy as np
import pandas as pd
import pytest

from mooring.ab.joining import join
from mooring.ab.totals import number
from mooring.ab.verdict import Terms, compare, judge
from mooring.errors import ModelError
from mooring.metrics.sequential import MIN_BLOCKS
from tests.support.service import CHALLENGER, CHAMPION, labels, predictions, served

WIDE = (-1.0, 1.0)


def terms(**changed) -> Terms:
    settings = {
        "loss": "brier",
        "threshold": 0.5,
        "alpha": 0.05,
        "tuned_blocks": 28,
        "zone": "UTC",
        "challenger_share": None,
    }
    return Terms(**(settings | changed))


def compared(log, known, **changed):
    return compare(join(log, known, CHAMPION, CHALLENGER), terms(**changed))


@pytest.mark.parametrize("shadow", [True, False], ids=["shadow", "split"])
@pytest.mark.parametrize("loss", ["brier", "log_loss"])
def test_a_challenger_that_is_better_is_merged(shadow: bool, loss: str) -> None:
    found = compared(*served(shadow, 40, gain=0.5), loss=loss)
    assert found.verdict == "merge"
    assert found.design == ("paired" if shadow else "unpaired")
    assert found.difference == pytest.approx(found.champion.loss - found.challenger.loss, rel=0.2)
    assert found.every_look[0] < found.single_look[0] < found.difference < found.single_look[1]
    assert found.challenger.roc_auc > found.champion.roc_auc


@pytest.mark.parametrize("shadow", [True, False], ids=["shadow", "split"])
def test_a_challenger_that_is_worse_is_not_merged(shadow: bool) -> None:
    assert compared(*served(shadow, 40, gain=-0.5)).verdict == "do_not_merge"


def test_equal_models_cannot_tell() -> None:
    found = compared(*served(False, 60))
    assert (found.verdict, found.reason) == (
        "cannot_tell",
        "The confidence sequence includes 0: either may be better.",
    )
    assert found.n_blocks == 60


def test_too_few_days_cannot_tell_however_large_the_difference() -> None:
    found = compared(*served(True, MIN_BLOCKS - 1, gain=0.9))
    assert found.verdict == "cannot_tell"
    assert found.reason == "20 blocks with labels for both, fewer than 21."


def test_an_empty_log_cannot_tell() -> None:
    found = compared(predictions(), labels())
    assert found.verdict == "cannot_tell"
    assert (found.difference, found.single_look, found.every_look) == (None, None, None)
    assert (found.champion.coverage, found.champion.loss, found.champion.roc_auc) == (None,) * 3


def test_a_share_that_differs_from_the_declared_one_cannot_tell() -> None:
    log, known = served(False, 60, gain=0.5, share=0.5)
    assert compared(log, known, challenger_share=0.5).verdict == "merge"
    found = compared(log, known, challenger_share=0.4)
    assert found.verdict == "cannot_tell"
    assert found.reason == "Keys are not split as declared, so the rows are not comparable."
    assert found.challenger_share == pytest.approx(0.5, abs=0.05)


def test_a_declared_share_says_nothing_about_pairs() -> None:
    found = compared(*served(True, 30, gain=0.5), challenger_share=0.1)
    assert (found.verdict, found.share_evidence) == ("merge", None)


def test_coverage_is_the_share_of_predictions_with_a_label() -> None:
    log, known = served(False, 30)
    found = compared(log, known.slice(0, 600))
    own = log["model"].to_pylist()
    assert found.champion.predictions == own.count(CHAMPION)
    assert found.champion.coverage == own[:600].count(CHAMPION) / own.count(CHAMPION)
    assert found.challenger.labelled == own[:600].count(CHALLENGER)


def test_regression_is_judged_by_its_own_loss() -> None:
    found = compared(*served(True, 40, gain=0.5), loss="absolute_error")
    assert (found.verdict, found.champion.roc_auc) == ("merge", None)


def test_a_label_that_is_neither_0_nor_1_is_refused() -> None:
    with pytest.raises(ModelError, match="target is not binary"):
        compared(predictions(("r", 0, "k", CHAMPION, True, 0.5, 0)), labels(k=3.0))


def test_data_without_time_is_compared_in_groups_of_rows() -> None:
    found = compared(*served(True, 60, gain=0.5), zone=None)
    assert (found.verdict, found.block, found.n_blocks) == ("merge", "100 rows", 24)


def test_blocks_are_days_of_the_zone_in_order() -> None:
    times = pd.to_datetime(["2024-01-01T03:00", "2024-01-01T06:00", "2024-01-02T04:59"])
    rows = pd.DataFrame({"time": times, "request_id": "r", "row": 0})
    assert number(rows, "America/New_York").tolist() == [0, 1, 1]
    assert number(rows, "UTC").tolist() == [0, 0, 1]


def test_both_rows_of_a_pair_are_in_one_group() -> None:
    times = np.repeat(pd.date_range("2024-01-01", periods=250, freq="min"), 2)
    rows = pd.DataFrame({"time": times, "request_id": "r", "row": 0})
    assert number(rows, None).tolist() == np.repeat([0, 1, 2], [200, 200, 100]).tolist()


@pytest.mark.parametrize(
    ("n_blocks", "sequence", "evidence", "verdict"),
    [
        (21, (0.1, 0.2), None, "merge"),
        (21, (0.1, 0.2), 1000.0, "merge"),
        (21, (0.1, 0.2), 1001.0, "cannot_tell"),
        (20, (0.1, 0.2), None, "cannot_tell"),
        (21, (-0.2, -0.1), None, "do_not_merge"),
        (21, (0.0, 0.1), None, "cannot_tell"),
        (21, WIDE, None, "cannot_tell"),
        (21, None, None, "cannot_tell"),
    ],
)
def test_each_rule_has_its_verdict(n_blocks, sequence, evidence, verdict) -> None:
    assert judge(n_blocks, sequence, evidence)[0] == verdict
