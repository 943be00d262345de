"""Days: every day in its place, by the bins of one reference, and sums that no order changes."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.drift.days import EXACT, check_bins, stacked
from mooring.errors import DataError
from mooring.profiles.bins import NumberBins
from tests.support.drifting import BINS, counts, reference_days, some_days

ONE = {"x": NumberBins((0.0,))}


def test_each_column_has_its_bins_and_then_null_inf_unseen_and_rows() -> None:
    days = stacked(
        {"b": {"x": counts(9, [4, 2], null=1, inf=2)}, "a": {"x": counts(3, [3, 0])}}, ONE
    )
    assert days.names == ("a", "b")
    assert days.cells.tolist() == [[3, 0, 0, 0, 0, 3], [4, 2, 1, 2, 0, 9]]
    assert days.spans == {"x": slice(0, 6)}


def test_a_day_that_is_missing_has_no_rows() -> None:
    days = stacked({day: {"x": counts(1, [1, 0])} for day in ("2024-02-28", "2024-03-01")}, ONE)
    assert days.names == ("2024-02-28", "2024-02-29", "2024-03-01")
    assert days.cells[1].tolist() == [0] * 6


def test_a_column_that_a_day_lacks_has_no_rows_there() -> None:
    of_day = {"x": counts(5, [1, 1, 1, 1, 1]), "score": counts(5, [5, 0, 0, 0])}
    days = stacked({"2024-01-01": of_day}, BINS)
    assert days.cells[0, days.spans["c"]].sum() == 0
    assert days.cells[0, days.spans["score"]].tolist() == [5, 0, 0, 0, 0, 0, 0, 5]


def test_no_blocks_are_no_days() -> None:
    assert stacked({}, ONE).cells.shape == (0, 6)


@pytest.mark.parametrize(
    ("column", "expected"), [("x", "2 bins"), ("y", "no such column")], ids=["bins", "column"]
)
def test_counts_by_other_bins_are_refused(column: str, expected: str) -> None:
    with pytest.raises(DataError) as caught:
        stacked({"2024-01-01": {column: counts(1, [1, 0, 0])}}, ONE)
    assert str(caught.value) == (
        f"2024-01-01: counts of column {column} do not use the reference's bins\n"
        f"  expected: {expected}\n"
        "  got: 3 bins\n"
        "  fix: count the profile in the bins of the reference that it is judged against"
    )


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf, 2.0**40])
def test_counts_that_are_no_counts_are_refused(wrong: float) -> None:
    with pytest.raises(DataError, match="counts of column x are not counts of rows"):
        stacked({"2024-01-01": {"x": counts(1, [wrong, 0])}}, ONE)


def test_days_of_another_reference_are_refused() -> None:
    reference = reference_days(3)
    other = dataclasses.replace(reference, bins=BINS | ONE)
    with pytest.raises(DataError) as caught:
        check_bins(reference, other)
    assert str(caught.value) == (
        "current days are not counted in the reference's bins\n"
        "  got: other bins: x\n"
        "  fix: count current profiles in the bins of the reference that they are judged against"
    )


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=60), st.randoms())
def test_no_order_of_the_days_changes_their_sum(values: list[float], random) -> None:
    days = stacked({f"{i:03}": {"x": counts(0, [v, 0])} for i, v in enumerate(values)}, ONE)
    column = days.cells[:, 0].tolist()
    total = days.cells[:, 0].sum()
    random.shuffle(column)
    assert np.array(column).sum() == total == sum(column)
    assert abs(total - sum(values)) <= len(values) / EXACT


def test_days_are_what_some_days_made() -> None:
    made = some_days(3, seed=4)
    days = stacked(made, BINS)
    assert days.cells[2, days.spans["x"]][:5].tolist() == made[days.names[2]]["x"].bins.tolist()
