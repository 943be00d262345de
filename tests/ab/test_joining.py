"""Joining: which prediction counts, which label, and what is left out, in whatever order they come."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.ab.joining import Dropped, join
from tests.support.service import (
    CHALLENGER,
    CHAMPION,
    known_labels,
    label_table,
    labels,
    logged,
    predictions,
)

NOTHING = {
    "other_models": 0,
    "without_key": 0,
    "unpaired": 0,
    "repeats": 0,
    "crossed_keys": 0,
    "contradictory_keys": 0,
}


def joined(log: pa.Table, known: pa.Table):
    return join(log, known, CHAMPION, CHALLENGER)


def seen(found) -> list[tuple]:
    """Return (challenger, key, score, label) of each row; no label is None."""
    columns = found.rows[["challenger", "key", "score", "label"]].astype(object)
    return [tuple(row) for row in columns.where(columns.notna(), None).to_numpy().tolist()]


def test_a_row_that_both_models_scored_makes_the_design_paired() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", CHAMPION, True, 0.1, 0),
            ("r1", 0, "k1", CHALLENGER, False, 0.2, 1),
            ("r2", 0, "k2", CHAMPION, True, 0.3, 2),
        ),
        labels(k1=1.0, k2=0.0),
    )
    assert found.design == "paired"
    assert seen(found) == [(False, "k1", 0.1, 1.0), (True, "k1", 0.2, 1.0)]
    assert found.rows["time"].nunique() == 1
    assert found.dropped == Dropped(**NOTHING | {"unpaired": 1})


def test_rows_of_one_request_answered_by_different_models_are_unpaired() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", CHAMPION, True, 0.1, 0),
            ("r1", 1, "k2", CHALLENGER, True, 0.2, 0),
        ),
        labels(k1=1.0),
    )
    assert found.design == "unpaired"
    assert seen(found) == [(False, "k1", 0.1, 1.0), (True, "k2", 0.2, None)]
    assert found.dropped == Dropped(**NOTHING)


def test_the_first_prediction_by_time_request_and_row_counts() -> None:
    found = joined(
        predictions(
            ("r3", 0, "k1", CHAMPION, True, 0.3, 2),
            ("r2", 1, "k1", CHAMPION, True, 0.2, 1),
            ("r2", 0, "k1", CHAMPION, True, 0.1, 1),
            ("r1", 0, "k2", CHALLENGER, True, 0.5, 0),
        ),
        labels(k1=1.0, k2=0.0),
    )
    assert seen(found) == [(True, "k2", 0.5, 0.0), (False, "k1", 0.1, 1.0)]
    assert found.dropped == Dropped(**NOTHING | {"repeats": 2})


def test_pairs_keep_the_first_pair_of_a_key() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", CHAMPION, True, 0.9, 0),
            ("r2", 0, "k1", CHAMPION, True, 0.1, 1),
            ("r2", 0, "k1", CHALLENGER, False, 0.2, 3),
            ("r3", 0, "k1", CHAMPION, True, 0.3, 2),
            ("r3", 0, "k1", CHALLENGER, False, 0.4, 2),
        ),
        labels(k1=1.0),
    )
    assert seen(found) == [(False, "k1", 0.1, 1.0), (True, "k1", 0.2, 1.0)]
    assert found.dropped == Dropped(**NOTHING | {"unpaired": 1, "repeats": 2})


def test_a_key_that_both_models_answered_at_different_times_is_left_out() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", CHAMPION, True, 0.1, 0),
            ("r2", 0, "k1", CHALLENGER, True, 0.2, 1),
            ("r3", 0, "k2", CHALLENGER, True, 0.3, 1),
        ),
        labels(k1=1.0),
    )
    assert seen(found) == [(True, "k2", 0.3, None)]
    assert found.dropped == Dropped(**NOTHING | {"crossed_keys": 1})


def test_equal_labels_count_once_and_contradictory_ones_not_at_all() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", CHAMPION, True, 0.1, 0),
            ("r1", 1, "k2", CHAMPION, True, 0.2, 0),
            ("r1", 2, "k3", CHAMPION, True, 0.3, 0),
        ),
        label_table(
            [("k1", 1.0), ("k1", 1.0), ("k1", None), ("k2", 0.0), ("k2", 1.0), ("k3", None)]
        ),
    )
    assert [row[3] for row in seen(found)] == [1.0, None, None]
    assert found.dropped == Dropped(**NOTHING | {"contradictory_keys": 1})


def test_other_models_and_rows_without_a_key_are_counted() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", "c" * 64, True, 0.1, 0),
            ("r1", 1, None, CHAMPION, True, 0.2, 0),
            ("r1", 2, "k3", CHAMPION, True, 0.3, 0),
        ),
        labels(k3=1.0),
    )
    assert seen(found) == [(False, "k3", 0.3, 1.0)]
    assert found.dropped == Dropped(**NOTHING | {"other_models": 1, "without_key": 1})


@pytest.mark.parametrize("log", [predictions(), predictions(("r", 0, None, CHAMPION, True, 0, 0))])
def test_a_log_of_nothing_joins_to_nothing(log: pa.Table) -> None:
    found = joined(log, labels())
    assert (found.design, seen(found)) == ("unpaired", [])


LOGGED = logged([0.1, 0.2], n_hours=2)
KNOWN = known_labels([0.0, 1.0, None])


@given(st.lists(LOGGED, max_size=12), st.lists(KNOWN, max_size=8), st.randoms())
def test_the_order_of_rows_changes_nothing(log, known, random) -> None:
    first = joined(predictions(*log), label_table(known))
    random.shuffle(log)
    random.shuffle(known)
    second = joined(predictions(*log), label_table(known))
    assert (first.design, first.dropped) == (second.design, second.dropped)
    pd.testing.assert_frame_equal(first.rows, second.rows)
    assert not first.rows.duplicated(["challenger", "key"]).any()


def test_rows_of_one_request_place_and_time_are_ordered_by_key() -> None:
    """A client may give two requests one id."""
    rows = [("r1", 0, key, CHAMPION, True, 0.5, 0) for key in ("k1", "k2")]
    found = [joined(predictions(*order), labels(k1=1.0, k2=0.0)) for order in (rows, rows[::-1])]
    expected = [(False, "k1", 0.5, 1.0), (False, "k2", 0.5, 0.0)]
    assert [seen(one) for one in found] == [expected, expected]
