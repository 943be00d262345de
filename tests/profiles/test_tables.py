"""Counts by bin out of stored profiles: the rows themselves, counted by hand, within the sketches' error."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import DataError, IntegrityError
from mooring.profiles.bins import CategoryBins, NumberBins
from mooring.profiles.engine import View
from mooring.profiles.reading import read_profile
from mooring.profiles.sketches import profile_columns
from mooring.profiles.tables import N_NUMBER_BINS, counts, reference_counts

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


def uneven():
    one = profile_columns({"x": np.ones(2)}, {"x": "number"}, day=DAY, facts={})
    other = profile_columns({"y": np.ones(3)}, {"y": "number"}, day=DAY, facts={})
    return View(
        columns={**one.get_columns(), **other.get_columns()},
        dataset_timestamp=one.dataset_timestamp,
        creation_timestamp=one.dataset_timestamp,
    )


def miscounted():
    view = profile_columns({"x": np.ones(2)}, {"x": "number"}, day=DAY, facts={})
    view.get_column("x").get_metric("counts").n.set(3)
    return view


def garbled():
    texts = np.array(["garbled"], dtype=object)
    content = profile_columns({"c": texts}, {"c": "category"}, day=DAY, facts={}).serialize()
    assert content.count(b"garbled") == 1
    return content.replace(b"garbled", b"garble\xff")


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
        (b"WHY1" + b"\xff" * 11, "a length does not end"),
        (b"WHY1\x05", "a message is cut off"),
        (why.log(row={"x": 1}).view().serialize(), "column x has no known kind"),
        (uneven().serialize(), "its columns are not of one length"),
        (miscounted().serialize(), "column x has 2 values in its sketch, 3 counted"),
        (garbled(), "'utf-8' codec can't decode byte 0xff"),
    ],
    ids=[
        *("nothing", "magic alone", "no length", "cut off", "another's"),
        *("uneven", "miscounted", "no text"),
    ],
)
def test_what_is_no_profile_of_ours_is_refused_by_name(content, what):
    with pytest.raises(IntegrityError, match=what) as caught:
        read_profile(content, "2013-07-01.bin")
    assert str(caught.value).startswith("2013-07-01.bin: is not a profile of Mooring\n  got: ")


def test_the_bins_of_a_number_have_equal_shares():
    bins, _ = reference_counts(
        {"a": profile(x=np.arange(1.0, 51)), "b": profile(x=np.arange(51.0, 101))}
    )
    assert bins == {"x": NumberBins(tuple(float(5 * n + 1) for n in range(1, 20)))}


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([7.0] * 30, (np.nextafter(7.0, 0.0), 7.0)),
        ([0.0] * 96 + [1.0] * 4, (-5e-324, 0.0)),
        ([np.nan] * 9, ()),
        ([2.0, 1.0], (np.nextafter(1.0, 0.0), 1.0, np.nextafter(2.0, 0.0), 2.0)),
        (range(100), tuple(range(5, 100, 5))),
    ],
    ids=["constant", "mostly one", "missing", "two", "all different"],
)
def test_values_that_are_several_quantiles_have_a_bin_of_their_own(values, edges):
    bins, blocks = reference_counts({"a": profile(x=values)})
    assert bins["x"].edges == edges
    assert blocks["a"]["x"].bins.sum() == np.isfinite(values).sum()
    assert len(blocks["a"]["x"].bins) == bins["x"].n_bins


@pytest.mark.parametrize(("value", "bins"), [(3.0, [9, 0, 0]), (7.0, [0, 9, 0]), (9.0, [0, 0, 9])])
def test_a_column_that_was_constant_shows_where_it_went(value, bins):
    constant, _ = reference_counts({"a": profile(x=[7.0] * 30)})
    assert counts([profile(x=[value] * 9)], constant)["x"].bins.tolist() == bins


@given(numbers.filter(len))
def test_edges_ascend_strictly_and_each_bin_can_hold_a_value(values):
    edges = reference_counts({"a": profile(x=values)})[0]["x"].edges
    assert list(edges) == sorted(set(edges))
    assert len(edges) < N_NUMBER_BINS
    assert all(np.isfinite(edges))


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
    assert bins == {"c": CategoryBins(("AA", "UA"), frozenset({"OO"}), whole=True)}
    found = counts([profile(c=["UA", "UA", "OO", "XX", None, "YY", "XX"])], bins)["c"]
    assert found.bins.tolist() == [0, 2, 1]
    assert (found.rows, found.null, found.unseen) == (7, 1, 3)


def test_a_reference_day_counts_as_unseen_what_no_other_day_has():
    blocks = {"a": profile(c=["AA", "AA", "B6"]), "b": profile(c=["AA", "UA"])}
    _, found = reference_counts(blocks)
    assert {name: columns["c"].unseen for name, columns in found.items()} == {"a": 1, "b": 1}
    assert {name: columns["c"].bins.sum() for name, columns in found.items()} == {"a": 3, "b": 2}


def test_a_reference_day_counts_a_rare_category_that_no_other_day_has_as_unseen_alone():
    a, b = profile(c=["AA"] * 2000 + ["B6"]), profile(c=["AA", "UA"] * 1000)
    bins, found = reference_counts({"a": a, "b": b}, open_columns={"c"})
    assert bins["c"] == CategoryBins(("AA", "UA"), frozenset({"B6"}), open=True)
    assert (found["a"]["c"].bins.tolist(), found["a"]["c"].unseen) == ([2000, 0, 0], 1)


def test_where_a_sketch_has_dropped_categories_none_is_called_unseen():
    reference = profile(c=[f"N{n}" for n in range(3000) for _ in range(2)] + ["N0"] * 4000)
    bins, blocks = reference_counts({"a": reference})
    assert blocks["a"]["c"].unseen == 0
    found = counts([profile(c=[f"M{n}" for n in range(2000)] + ["N0"] * 1000)], bins)["c"]
    assert (bins["c"].whole, found.unseen) == (False, 0)
    assert found.bins.sum() == pytest.approx(3000)
    assert found.bins[bins["c"].names.index("N0")] == pytest.approx(1000, abs=5)


def test_a_sketch_holds_768_categories_to_the_row_and_bounds_them_beyond():
    held = profile(c=[f"N{n}" for n in range(768) for _ in range(5)])["c"].items
    assert {(item.least, item.most) for item in held} == {(5, 5)}
    assert len(held) == 768
    true = {f"N{n}": 3000 // (n + 1) for n in range(2000)}
    beyond = profile(c=[text for text, rows in true.items() for _ in range(rows)])["c"].items
    assert len(beyond) <= 768
    assert all(item.least <= true[item.text] <= item.most for item in beyond)


def test_what_a_reference_has_dropped_is_not_called_unseen_when_it_comes_again():
    texts = [f"N{n}" for n in range(3000)]
    bins, blocks = reference_counts({"a": profile(c=texts * 2), "b": profile(c=texts[:10])})
    assert not bins["c"].whole
    assert (blocks["a"]["c"].unseen, blocks["b"]["c"].unseen) == (0, 0)
    found = counts([profile(c=texts[:500])], bins)["c"]
    assert (found.unseen, found.bins.sum()) == (0, 500)


def test_a_flood_of_unseen_categories_is_counted_though_the_sketch_drops_some():
    bins, _ = reference_counts({"a": profile(c=["AA"] * 600 + ["UA"] * 1400 + ["OO"])})
    flood = [f"M{n}" for n in range(2000)]
    found = counts([profile(c=["UA"] * 500 + flood)], bins)["c"]
    assert 1980 <= found.unseen <= 2000
    assert found.bins.sum() + found.unseen == pytest.approx(2500)


def test_only_a_category_that_has_its_share_for_certain_gets_a_bin():
    texts = ["big"] * 4000 + [f"N{n}" for n in range(3000) for _ in range(2)]
    assert reference_counts({"a": profile(c=texts)})[0]["c"].names == ("big",)


def test_an_empty_column_is_never_asked_for_what_crashes_an_empty_sketch():
    bins, blocks = reference_counts({"a": profile(x=[np.nan, np.inf]), "b": profile(x=[])})
    assert bins == {"x": NumberBins(())}
    assert [blocks[name]["x"].bins.tolist() for name in "ab"] == [[0], [0]]
    full, _ = reference_counts({"a": profile(x=[1.0] * 9)})
    found = counts([profile(x=[np.nan, None])], full)["x"]
    assert (found.rows, found.null, found.bins.tolist()) == (2, 2, [0, 0, 0])


def test_the_same_rows_give_the_same_counts_though_a_sketch_draws_bits():
    x = np.random.default_rng(2).normal(size=50_000)
    bins, _ = reference_counts({"a": profile(x=x)})
    for _ in range(3):
        found = counts([profile(x=x)], bins)["x"].bins / len(x)
        assert found == pytest.approx(
            np.full(N_NUMBER_BINS, 1 / N_NUMBER_BINS), abs=0.01
        )  # a rank is within 0.3%


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
    with pytest.raises(DataError, match="the reference has no profile"):
        reference_counts({})
    with pytest.raises(DataError, match="cannot merge profiles of different columns"):
        reference_counts({"a": profile(x=[1.0]), "b": profile(y=[1.0])})


def test_the_same_files_give_the_same_bins_though_a_merged_sketch_draws_bits():
    draw = np.random.default_rng(4)
    blocks = {f"d{day}": profile(x=draw.normal(size=5000)) for day in range(9)}
    assert len({reference_counts(blocks)[0]["x"].edges for _ in range(20)}) == 1
