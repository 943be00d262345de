"""Profiles built column by column: the figures of why.log on clean data, and no trap of its own."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import DataError
from mooring.profiles.engine import View
from mooring.profiles.sketches import add_score, kinds_of, profile_blocks, profile_columns
from mooring.profiles.writing import profile_bytes

import whylogs as why  # isort: skip  # after the module that makes it importable

DAY = datetime.date(2013, 7, 1)
EXACT = ["counts/n", "counts/null", "counts/nan", "counts/inf", "types/fractional"]
EXACT += ["types/integral", "types/string", "types/object"]
EXACT += ["distribution/n", "distribution/min", "distribution/max"]


def summary(array, kind):
    array = np.asarray(array)
    view = profile_columns({"x": array}, {"x": kind}, day=DAY, facts={})
    return view.to_pandas().loc["x"]


def items(view, column):
    found = view.get_column(column).get_metric("frequent_items").strings
    return {item.value: item.est for item in found}


def clean_columns(n=20_000):
    draw = np.random.default_rng(7)
    return {
        "normal": draw.normal(3, 2, n),
        "whole": draw.integers(0, 300, n).astype(float),
        "gaps": np.where(draw.random(n) < 0.1, np.nan, draw.exponential(size=n)),
        "constant": np.full(n, 0.1),
        "carrier": draw.choice(np.array(["AA", "UA", "B6", "é"], dtype=object), n),
        "tail": np.array([f"N{i}" for i in draw.integers(0, 3000, n)], dtype=object),
    }


KINDS = {
    "normal": "number",
    "whole": "number",
    "gaps": "number",
    "constant": "number",
    "carrier": "category",
    "tail": "category",
}


@pytest.mark.parametrize("boxed", [False, True], ids=["pandas str", "Python objects"])
def test_figures_are_those_of_why_log(boxed):
    columns = clean_columns()
    frame = pd.DataFrame(columns)
    if boxed:
        frame = frame.astype({"carrier": object, "tail": object})
    ours = profile_columns(columns, KINDS, day=DAY, facts={})
    theirs = why.log(pandas=frame).view()
    mine, other = ours.to_pandas(), theirs.to_pandas()
    assert set(mine.columns) == set(other.columns)
    pd.testing.assert_frame_equal(mine[EXACT], other[EXACT])
    close = ["distribution/mean", "distribution/stddev"]
    pd.testing.assert_frame_equal(mine[close], other[close], rtol=1e-12, check_exact=False)
    # Estimated from the order in which values come: ours is their own, theirs that of the rows.
    assert mine["cardinality/est"].tolist() == pytest.approx(other["cardinality/est"], rel=0.05)
    assert items(ours, "carrier") == items(theirs, "carrier")


def test_columns_have_the_metrics_that_why_log_gives_them():
    columns = clean_columns(100)
    ours = profile_columns(columns, KINDS, day=DAY, facts={})
    theirs = why.log(pandas=pd.DataFrame(columns)).view()
    for name in KINDS:
        expected = theirs.get_column(name).get_metric_component_paths()
        assert sorted(ours.get_column(name).get_metric_component_paths()) == sorted(expected)


def test_quantiles_are_within_the_error_of_the_sketch():
    values = np.random.default_rng(5).normal(size=200_000)
    view = profile_columns({"x": values}, {"x": "number"}, day=DAY, facts={})
    kll = view.get_column("x").get_metric("distribution").kll.value
    for share in (0.01, 0.1, 0.5, 0.9, 0.99):
        rank = np.mean(values <= kll.get_quantiles([share])[0])
        assert abs(rank - share) < 0.005  # k = 1024: 99% of ranks within 0.3%


def test_nan_and_infinity_do_not_poison_mean_and_deviation():
    found = summary([1.0, np.nan, 3.0, np.inf, -np.inf], "number")
    assert (found["distribution/mean"], found["distribution/n"]) == (2.0, 2)
    assert found["distribution/stddev"] == pytest.approx(2**0.5)
    assert (found["distribution/min"], found["distribution/max"]) == (1.0, 3.0)
    assert (found["counts/n"], found["counts/null"]) == (5, 1)
    assert (found["counts/nan"], found["counts/inf"]) == (1, 2)
    assert found["types/fractional"] == 4


def test_a_first_none_does_not_freeze_a_column():
    found = summary(np.array([None, 1.0, 2.0], dtype=object), "number")
    assert (found["types/fractional"], found["distribution/mean"]) == (2, 1.5)


def test_float32_has_a_distribution():
    found = summary(np.array([1, 2], dtype=np.float32), "number")
    assert (found["types/fractional"], found["types/object"], found["distribution/n"]) == (2, 0, 2)


def test_a_profile_tells_the_kinds_of_its_columns():
    assert kinds_of(profile_columns(clean_columns(9), KINDS, day=DAY, facts={})) == KINDS


def test_a_column_with_the_metrics_of_neither_kind_is_refused():
    with pytest.raises(DataError) as caught:
        kinds_of(why.log(pandas=pd.DataFrame({"x": [1, 2]})).view())
    assert str(caught.value) == (
        "column x of a profile has no known kind\n"
        "  got: cardinality, counts, distribution, frequent_items, ints, types"
    )


@pytest.mark.parametrize("empty", [[], [np.nan, np.nan]], ids=["no rows", "all null"])
def test_an_empty_number_column_has_the_metrics_of_a_full_one(empty):
    full = profile_columns({"x": np.ones(3)}, {"x": "number"}, day=DAY, facts={})
    view = profile_columns({"x": np.array(empty)}, {"x": "number"}, day=DAY, facts={})
    names = view.get_column("x").get_metric_names()
    assert names == full.get_column("x").get_metric_names()
    merged = View.deserialize(view.serialize()).merge(full)
    assert merged.get_column("x").get_metric("distribution").mean.value == 1.0


def test_an_all_null_category_stays_a_category():
    view = profile_columns({"x": np.array([None, ""])}, {"x": "category"}, day=DAY, facts={})
    found = view.to_pandas().loc["x"]
    assert (found["counts/null"], found["types/string"]) == (2, 0)
    assert items(view, "x") == {}


def test_texts_that_utf8_cannot_hold_are_profiled_and_stored():
    values = np.array(["\ud800", "\ud800", "ok"], dtype=object)
    view = profile_columns({"x": values}, {"x": "category"}, day=DAY, facts={})
    assert items(View.deserialize(view.serialize()), "x") == {"\\ud800": 2, "ok": 1}


def test_long_texts_are_cut_but_told_apart_by_cardinality():
    values = np.array(["a" * 500 + "1", "a" * 500 + "2"], dtype=object)
    view = profile_columns({"x": values}, {"x": "category"}, day=DAY, facts={})
    assert items(view, "x") == {"a" * 128: 2}
    assert round(view.get_column("x").get_metric("cardinality").estimate) == 2


def test_a_strided_column_is_read_where_it_lies():
    table = np.arange(3000.0).reshape(1000, 3)
    view = profile_columns({"x": table[:, 0] % 10}, {"x": "number"}, day=DAY, facts={})
    strided = profile_columns({"x": (table % 10)[::2, 0]}, {"x": "number"}, day=DAY, facts={})
    for one in (view, strided):
        expected = 10 if one is view else 5
        assert round(one.get_column("x").get_metric("cardinality").estimate) == expected


def test_profiles_carry_their_day_and_facts_through_a_file():
    view = profile_columns({"x": np.ones(1)}, {"x": "number"}, day=DAY, facts={"model": "sha256:0"})
    stored = View.deserialize(view.serialize())
    assert stored.dataset_timestamp == datetime.datetime(2013, 7, 1, tzinfo=datetime.UTC)
    assert stored.metadata == {"model": "sha256:0"}


def test_an_integer_column_name_is_refused():
    with pytest.raises(DataError) as caught:
        profile_columns({3: np.ones(1)}, {3: "number"}, day=DAY, facts={})
    assert str(caught.value) == "column names must be texts\n  got: 3"


def test_a_table_with_a_column_name_twice_is_refused():
    frame = pd.DataFrame([[1.0, 2.0]], columns=["x", "x"])
    with pytest.raises(DataError) as caught:
        profile_columns(frame, {"x": "number"}, day=DAY, facts={})
    assert str(caught.value) == (
        "columns to profile are not of one length\n"
        "  expected: each of shape (n_rows,)\n"
        "  got: x (1, 2)"
    )


@pytest.mark.parametrize("columns", [{"x": np.ones(2)}, {c: np.ones(2) for c in "xyz"}])
def test_missing_and_unknown_columns_are_refused(columns):
    with pytest.raises(DataError) as caught:
        profile_columns(columns, {"x": "number", "y": "number"}, day=DAY, facts={})
    assert str(caught.value) == (
        "columns to profile are not those of conf/data\n"
        "  expected: x, y\n"
        f"  got: {', '.join(columns)}"
    )


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(DataError, match=r"got: x \(2,\), y \(3,\)"):
        profile_columns(
            {"x": np.ones(2), "y": np.ones(3)},
            {"x": "number", "y": "number"},
            day=DAY,
            facts={},
        )


def test_each_block_holds_its_own_rows():
    blocks = np.array(["2013-07-02", "2013-07-01", "2013-07-02"])
    columns = {"x": np.array([1.0, 5.0, 3.0]), "c": np.array(["a", "b", "c"])}
    kinds = {"x": "number", "c": "category"}
    views = profile_blocks(columns, kinds, blocks, are_days=True, facts={})
    assert list(views) == ["2013-07-01", "2013-07-02"]
    assert views["2013-07-02"].dataset_timestamp.date() == datetime.date(2013, 7, 2)
    assert items(views["2013-07-02"], "c") == {"a": 1, "c": 1}
    assert items(views["2013-07-01"], "c") == {"b": 1}
    assert views["2013-07-02"].get_column("x").get_metric("distribution").avg == 2.0


def test_blocks_that_are_no_days_have_no_time():
    views = profile_blocks(
        {"x": np.ones(1)}, {"x": "number"}, np.array(["block-000"]), are_days=False, facts={}
    )
    assert views["block-000"].dataset_timestamp.timestamp() == 0


def test_the_order_of_rows_does_not_change_a_profile():
    columns = clean_columns(5000)
    order = np.random.default_rng(1).permutation(5000)
    shuffled = {name: values[order] for name, values in columns.items()}
    once, again = (
        profile_bytes(profile_columns(each, KINDS, day=DAY, facts={"model": "m", "rows": "5000"}))
        for each in (columns, shuffled)
    )
    assert once == again


def test_the_sign_of_zero_does_not_change_a_profile():
    zeros, negative = np.array([0.0, 1.0, 0.0]), np.array([-0.0, 1.0, -0.0])
    once, again = (
        profile_bytes(profile_columns({"x": each}, {"x": "number"}, day=DAY, facts={}))
        for each in (zeros, negative)
    )
    assert once == again


def test_scores_are_one_more_number_column():
    columns, kinds = add_score({"x": np.ones(2)}, {"x": "category"}, np.zeros(2))
    assert kinds == {"x": "category", "score": "number"}
    assert columns["score"].tolist() == [0.0, 0.0]


def test_an_input_by_the_name_of_the_scores_is_refused():
    with pytest.raises(DataError, match="column score is an input"):
        add_score({"score": np.ones(2)}, {"score": "number"}, np.zeros(2))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30))
def test_no_floats_give_a_profile_that_is_not_finite(values):
    found = summary(np.array(values, dtype=float), "number")
    assert np.isfinite(found["distribution/mean"])
    assert np.isfinite(found["distribution/stddev"])
    assert found["counts/n"] == found["distribution/n"] + found["counts/null"] + found["counts/inf"]


@given(st.lists(st.one_of(st.none(), st.text(st.characters()), st.integers()), max_size=30))
def test_no_values_of_a_category_crash_a_profile(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    found = summary(array, "category")
    missing = sum(value is None or value == "" for value in values)
    assert (found["counts/null"], found["types/string"]) == (missing, len(values) - missing)
