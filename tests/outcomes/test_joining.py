"""Joining late labels: which prediction and which label count, and the same figures in any order."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from mooring.outcomes.joining import Joined, LeftOut, first_young_day, join
from mooring.outcomes.tables import tabulate
from mooring.records.label_files import read_labels
from tests.support.service import (
    CHALLENGER,
    CHAMPION,
    known_labels,
    label_table,
    labels,
    logged,
    predictions,
)

NOTHING = dict.fromkeys(LeftOut.model_fields, 0)
MUCH_LATER = np.datetime64("2025-01-01")


def joined(log: pa.Table, known: pa.Table, **terms) -> Joined:
    chosen = {
        "task": "classification",
        "zone": "UTC",
        "as_of": MUCH_LATER,
        "label_delay_days": 1.0,
    }
    return join(log, known, CHAMPION, **chosen | terms)


def seen(found: Joined) -> list[tuple]:
    """Return (day, score, label) of each row, sorted; no label is None."""
    known = [None if np.isnan(label) else label for label in found.labels.tolist()]
    return sorted(
        zip(found.days.tolist(), found.scores.tolist(), known, strict=True), key=lambda row: row[:2]
    )


def test_a_label_joins_by_key_to_the_model_that_answered() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", CHAMPION, True, 0.1, 0),
            ("r1", 0, "k1", CHALLENGER, False, 0.9, 0),
            ("r2", 0, "k2", CHALLENGER, True, 0.8, 1),
            ("r3", 0, "k3", CHAMPION, True, 0.3, 24),
        ),
        labels(k1=1.0, k2=0.0),
    )
    assert seen(found) == [("2024-01-01", 0.1, 1.0), ("2024-01-02", 0.3, None)]
    assert found.left_out() == LeftOut(**NOTHING | {"other_models": 2, "without_label": 1})


def test_the_first_prediction_of_a_key_counts() -> None:
    found = joined(
        predictions(
            ("r2", 0, "k1", CHAMPION, True, 0.2, 5),
            ("r1", 1, "k1", CHAMPION, True, 0.3, 1),
            ("r1", 0, "k1", CHAMPION, True, 0.1, 1),
        ),
        labels(k1=1.0),
    )
    assert seen(found) == [("2024-01-01", 0.1, 1.0)]
    assert found.left_out() == LeftOut(**NOTHING | {"repeats": 2})


def test_what_cannot_be_labelled_lowers_the_coverage_and_says_why() -> None:
    found = joined(
        predictions(
            ("r1", 0, None, CHAMPION, True, 0.1, 0),
            ("r2", 0, None, CHAMPION, True, 0.1, 0),
            ("r3", 0, "twice", CHAMPION, True, 0.2, 0),
            ("r4", 0, "odd", CHAMPION, True, 0.3, 0),
            ("r5", 0, "infinite", CHAMPION, True, 0.4, 0),
            ("r6", 0, "none", CHAMPION, True, 0.5, 0),
            ("r7", 0, "null", CHAMPION, True, 0.6, 0),
            ("r8", 0, "known", CHAMPION, True, 0.7, 0),
        ),
        label_table(
            [
                *(("twice", 0.0), ("twice", 1.0), ("odd", 7.0), ("infinite", np.inf)),
                *(("null", None), ("known", 1.0), ("known", 1.0), ("known", None)),
            ]
        ),
    )
    assert [label for _, _, label in seen(found)] == [None] * 7 + [1.0]
    counts = {"without_key": 2, "contradictory": 1, "unusable_labels": 2, "without_label": 2}
    assert found.left_out() == LeftOut(**NOTHING | counts)


@pytest.mark.parametrize(
    ("task", "scores"),
    [
        ("classification", (np.nan, np.inf, -0.1, 1.1)),
        ("regression", (np.nan, np.inf, -np.inf, 1e200)),
    ],
)
def test_scores_that_no_model_of_the_task_gives_are_left_out(task, scores) -> None:
    log = [(f"r{at}", 0, f"k{at}", CHAMPION, True, score, 0) for at, score in enumerate(scores)]
    found = joined(predictions(*log), labels(k0=1.0), task=task)
    assert seen(found) == []
    assert found.left_out() == LeftOut(**NOTHING | {"unusable_scores": 4})


def test_a_day_counts_once_all_its_labels_should_be_there() -> None:
    # The log starts at 12:00 UTC on 2024-01-01, 07:00 in New York.
    log = predictions(
        ("r1", 0, "k1", CHAMPION, True, 0.1, 0),
        ("r2", 0, "k2", CHAMPION, True, 0.2, 16),
        ("r3", 0, "k3", CHAMPION, True, 0.3, 17),
    )
    known = labels(k1=1.0, k2=0.0, k3=1.0)
    terms = {"zone": "America/New_York", "label_delay_days": 1.5}
    days = ("2024-01-01", 0.1, 1.0), ("2024-01-01", 0.2, 0.0), ("2024-01-02", 0.3, 1.0)
    for as_of, n_old in (("2024-01-03T16:59", 0), ("2024-01-03T17:00", 2), ("2024-01-04T17:00", 3)):
        found = joined(log, known, **terms, as_of=np.datetime64(as_of))
        assert seen(found) == list(days[:n_old])
        assert found.left_out() == LeftOut(**NOTHING | {"too_young": 3 - n_old})


def test_what_is_left_out_is_counted_for_the_days_that_are_asked_about() -> None:
    found = joined(
        predictions(
            ("r1", 0, "k1", CHAMPION, True, 0.1, 0),
            ("r2", 0, "k2", CHAMPION, True, 0.2, 24),
            ("r3", 0, "k2", CHAMPION, True, 0.2, 25),
            ("r4", 0, "k3", CHALLENGER, True, 0.3, 48),
        ),
        labels(),
    )
    counts = [found.left_out(*days) for days in ((), ("2024-01-02", "2024-01-02"), ("2024-01-03",))]
    assert counts == [
        LeftOut(**NOTHING | {"without_label": 2, "repeats": 1, "other_models": 1}),
        LeftOut(**NOTHING | {"without_label": 1, "repeats": 1}),
        LeftOut(**NOTHING | {"other_models": 1}),
    ]


def test_the_first_young_day_is_local() -> None:
    day = first_young_day("America/New_York", np.datetime64("2024-01-04T04:59"), 1.0)
    assert day == np.datetime64("2024-01-02")


@pytest.mark.parametrize("log", [predictions(), predictions(("r", 0, "k", CHALLENGER, True, 0, 0))])
def test_a_log_without_the_model_gives_nothing(log: pa.Table) -> None:
    assert seen(joined(log, labels())) == []


def test_labels_are_read_from_the_parts_of_a_label_store(tmp_path) -> None:
    for part, (key, label) in enumerate([("k1", 1.0), ("k2", None), ("k2", 0.0)]):
        directory = tmp_path / "labels" / f"2024-01-0{part + 1}"
        directory.mkdir(parents=True)
        time = pa.array([np.datetime64("2024-01-05", "us")]).cast(pa.timestamp("us", "UTC"))
        columns = {"key": [key], "label": pa.array([label], pa.float64()), "time": time}
        parquet.write_table(pa.table(columns), directory / f"stream.00000{part}.parquet")
    log = predictions(
        ("r1", 0, "k1", CHAMPION, True, 0.1, 0), ("r2", 0, "k2", CHAMPION, True, 0.2, 0)
    )
    known = read_labels(str(tmp_path / "labels"), "key", "label")
    assert [label for _, _, label in seen(joined(log, known))] == [1.0, 0.0]


LOGGED = logged([0.1, 0.2, np.nan], n_hours=48)
KNOWN = known_labels([0.0, 1.0, 2.0, None, np.nan])


@given(st.lists(LOGGED, max_size=12), st.lists(KNOWN, max_size=8), st.randoms())
def test_the_order_of_predictions_and_labels_changes_no_byte(log, known, random) -> None:
    found = []
    for _ in range(2):
        one = joined(predictions(*log), label_table(known))
        tables = tabulate("classification", (0.15,), one.days, one.scores, one.labels)
        found.append((tables.encode(), one.left_out()))
        random.shuffle(log)
        random.shuffle(known)
    assert found[0] == found[1]


@given(st.lists(LOGGED, max_size=12), st.lists(KNOWN, max_size=8))
def test_every_prediction_is_an_outcome_or_counted(log, known) -> None:
    found = joined(predictions(*log), label_table(known))
    out = found.left_out()
    assert len(log) == len(found.days) + (
        out.other_models + out.unusable_scores + out.repeats + out.too_young
    )
    assert int(np.isnan(found.labels).sum()) == (
        out.without_key + out.contradictory + out.unusable_labels + out.without_label
    )
