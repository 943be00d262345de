"""Counts by bin out of stored profiles: the rows themselves, counted by hand, within the sketches' error."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mooring.errors import DataError, IntegrityError
from mooring.profiles.bins import CategoryBins, NumberBins
from mooring.profiles.engine import View
from mooring.profiles.reading import read_profile
from mooring.profiles.sketches import profile_columns
from mooring.profiles.tables import counts, reference_counts

import whylogs as why  # isort: skip  # after the module that makes it importable

DAY = datetime.date(2013, 7, 1)
numbers = st.lists(
    st.one_of(
        st.floats(-1e6, 1e6), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1e-300])
    ),
    max_size=60,
)


def profile(**columns):
    kinds = {
        name: "category" if isinstance(next(iter(values), 0.0), str | None) else "number"
        for name, values in columns.items()
    }
    arrays = {
        name: np.array(values, dtype=object if kinds[name] == "category" else np.float64)
        for name, values in columns.items()
    }
    view = profile_columns(arrays, kinds, day=DAY, facts={})
    return read_profile(view.serialize(), "here")


def test_a_profile_is_read_as_whylogs_reads_it():
    values = np.random.default_rng(3).normal(size=5000)
    values[:7] = np.nan
    texts = np.array(["a", "b", "b", None, "é"] * 1000, dtype=object)
    kinds = {"x": "number", "c": "category"}
    content = profile_columns({"x": values, "c": texts}, kinds, day=DAY, facts={}).serialize()
    found, whole = read_profile(content, "here"), View.deserialize(content)
    assert {name: column.kind for name, column in found.items()} == kinds
    for name, column in found.items():
        of = whole.get_column(name).get_metric("counts")
        assert (column.rows, column.null, column.inf) == (of.n.value, of.null.value, of.inf.value)
    kll = whole.get_column("x").get_metric("distribution").kll.value
    ranks = [0.01, 0.3, 0.5, 0.99]
    assert found["x"].values.get_quantiles(ranks) == kll.get_quantiles(ranks)
    assert found["c"].values.get_estimate("b") == 2000


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "it does not begin with whylogs' magic bytes"),
        (b"WHY1", "index out of range"),
        (b"WHY1" + b"\xff" * 11, "a length without an end"),
        (b"WHY1\x05", "a message is cut off"),
        (why.log(row={"x": 1}).view().serialize(), "column x is of no known kind"),
    ],
    ids=["nothing", "magic alone", "no length", "cut off", "another's"],
)
def test_what_is_no_profile_of_ours_is_refused_by_name(content, what):
    with pytest.raises(IntegrityError, match=what) as caught:
        read_profile(content, "2013-07-01.bin")
    assert str(caught.value).startswith("2013-07-01.bin: is no profile of Mooring\n  got: ")


def test_the_bins_of_a_number_have_equal_shares():
    bins, _ = reference_counts(
        {"a": profile(x=np.arange(1.0, 51)), "b": profile(x=np.arange(51.0, 101))}
    )
    assert bins == {"x": NumberBins(tuple(float(5 * n + 1) for n in range(1, 20)))}


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([7.0] * 30, (7.0,)),
        ([0.0] * 96 + [1.0] * 4, (0.0,)),
        ([np.nan] * 9, ()),
        ([2.0, 1.0], (1.0, 2.0)),
    ],
    ids=["constant", "mostly one", "missing", "two"],
)
def test_values_that_come_again_and_again_make_fewer_bins(values, edges):
    bins, blocks = reference_counts({"a": profile(x=values)})
    assert bins["x"].edges == edges
    assert blocks["a"]["x"].bins.sum() == np.isfinite(values).sum()
    assert len(blocks["a"]["x"].bins) == bins["x"].n_bins


@settings(max_examples=60, deadline=None)
@given(numbers, numbers)
def test_numbers_are_counted_up_to_an_edge_and_with_it(reference, values):
    bins, _ = reference_counts({"a": profile(x=[0.0, *reference])})
    found = counts([profile(x=np.array(values, dtype=np.float64))], bins)["x"]
    finite = np.array([value for value in values if np.isfinite(value)])
    expected = np.bincount(
        np.searchsorted(bins["x"].edges, finite, side="left"), minlength=bins["x"].n_bins
    )
    assert found.bins == pytest.approx(expected)
    infinite = sum(bool(np.isinf(value)) for value in values)
    assert (found.rows, found.inf, found.unseen) == (len(values), infinite, 0)
    assert found.null == len(values) - len(finite) - infinite


def test_categories_are_counted_by_name_rare_together_and_unseen_apart():
    reference = profile(c=["AA"] * 600 + ["UA"] * 1400 + ["OO"] + [None])
    bins, _ = reference_counts({"a": reference})
    assert bins == {"c": CategoryBins(("AA", "UA"), frozenset({"OO"}))}
    found = counts([profile(c=["UA", "UA", "OO", "XX", None, "YY", "XX"])], bins)["c"]
    assert found.bins.tolist() == [0, 2, 1]
    assert (found.rows, found.null, found.unseen) == (7, 1, 3)


def test_a_reference_day_counts_as_unseen_what_no_other_day_has():
    blocks = {"a": profile(c=["AA", "AA", "B6"]), "b": profile(c=["AA", "UA"])}
    _, found = reference_counts(blocks)
    assert {name: columns["c"].unseen for name, columns in found.items()} == {"a": 1, "b": 1}
    assert {name: columns["c"].bins.sum() for name, columns in found.items()} == {"a": 3, "b": 2}


def test_where_a_sketch_has_dropped_categories_none_is_called_unseen():
    reference = profile(c=[f"N{n}" for n in range(3000) for _ in range(2)] + ["N0"] * 4000)
    bins, blocks = reference_counts({"a": reference})
    assert blocks["a"]["c"].unseen == 0
    found = counts([profile(c=[f"M{n}" for n in range(2000)] + ["N0"] * 1000)], bins)["c"]
    assert found.unseen == 0
    assert found.bins.sum() == pytest.approx(3000)
    assert found.bins[bins["c"].names.index("N0")] == pytest.approx(1000, abs=5)


def test_the_rows_of_several_writers_add_up_to_those_of_one():
    draw = np.random.default_rng(5)
    x, c = draw.normal(size=400), draw.choice(np.array(["a", "b", "c"], dtype=object), 400)
    bins, _ = reference_counts({"a": profile(x=x[:200], c=c[:200])})
    one = counts([profile(x=x, c=c)], bins)
    parts = counts([profile(x=x[n::3], c=c[n::3]) for n in range(3)], bins)
    for name in ("x", "c"):
        assert parts[name].bins == pytest.approx(one[name].bins)
        assert (parts[name].rows, parts[name].unseen) == (400, one[name].unseen)


def test_a_column_that_is_lacking_or_of_another_kind_is_left_out():
    bins, _ = reference_counts({"a": profile(x=[1.0, 2.0], c=["a", "b"])})
    assert set(counts([profile(x=["1", "2"])], bins)) == set()
    assert set(counts([profile(x=[1.0], more=[2.0])], bins)) == {"x"}
    assert counts([], bins) == {}


def test_a_reference_without_blocks_or_of_different_columns_is_refused():
    with pytest.raises(DataError, match="a reference without a profile"):
        reference_counts({})
    with pytest.raises(DataError, match="not of the same columns"):
        reference_counts({"a": profile(x=[1.0]), "b": profile(y=[1.0])})
