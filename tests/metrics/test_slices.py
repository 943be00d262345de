"""Slices part the rows without loss, and the worst one is found."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.metrics.slices import slice_rows, slice_table, worst_slices


def test_rare_values_are_grouped_as_other_and_missing_is_separate():
    values = ["UA"] * 3 + ["", "HA", "OO", None, float("nan"), pd.NA] + ["AA"] * 2
    got = [(value, np.flatnonzero(mask).tolist()) for value, mask in slice_rows(values, 2)]
    assert got == [
        ("AA", [9, 10]),
        ("UA", [0, 1, 2]),
        ("(other)", [4, 5]),
        ("(missing)", [3, 6, 7, 8]),
    ]


def test_numbers_are_named_plainly():
    values = np.array([1.0, 2.5, 1.0, np.nan])
    assert [value for value, _ in slice_rows(values, 1)] == ["1", "2.5", "(missing)"]


def test_a_nullable_string_column_can_be_sliced():
    values = pd.Series(["JFK", None, "LGA"], dtype="string")
    assert [value for value, _ in slice_rows(values, 1)] == ["JFK", "LGA", "(missing)"]


def test_no_rows_have_no_slices():
    assert slice_rows([], 10) == []


@given(st.lists(st.sampled_from(["a", "b", "", None, "(other)", "(missing)"])), st.integers(1, 5))
def test_every_row_is_in_exactly_one_slice(values, min_rows):
    slices = slice_rows(values, min_rows)
    assert np.sum([mask for _, mask in slices], axis=0).tolist() == ([1] * len(values) or 0.0)
    names = [value for value, _ in slices]
    assert len(set(names)) == len(names)


def test_table_has_a_row_of_measures_for_each_slice():
    target = np.array([0.0, 1, 0, 1, 1, 1])
    scores = np.array([0.2, 0.8, 0.8, 0.2, 0.5, 0.5])
    carrier = ["UA", "UA", "AA", "AA", "DL", "DL"]
    rows = slice_table(
        "classification",
        target,
        scores,
        {"carrier": carrier, "origin": ["JFK"] * 6},
        min_rows=2,
        n_bins=2,
    )
    assert [(row["column"], row["value"], row["n"], row["positives"]) for row in rows] == [
        ("carrier", "AA", 2, 1),
        ("carrier", "DL", 2, 2),
        ("carrier", "UA", 2, 1),
        ("origin", "JFK", 6, 4),
    ]
    assert [row["roc_auc"] for row in rows] == [0.0, None, 1.0, pytest.approx(0.5)]
    assert worst_slices(rows, ["roc_auc", "brier"]) == {
        "roc_auc": {"column": "carrier", "value": "AA", "n": 2, "roc_auc": 0.0},
        "brier": {"column": "carrier", "value": "AA", "n": 2, "brier": pytest.approx(0.64)},
    }


def test_a_metric_undefined_on_all_slices_is_left_out():
    assert worst_slices([{"column": "a", "value": "b", "n": 1, "r2": None}], ["r2"]) == {}
