"""Merging: the profile of all the rows, from inputs that stay as they were."""

import datetime

import numpy as np
import pytest

from mooring.errors import DataError
from mooring.profiles.engine import View
from mooring.profiles.merging import merged
from mooring.profiles.sketches import profile_columns
from mooring.profiles.writing import profile_bytes

KINDS = {"x": "number", "c": "category"}


def block(day, x, c, facts=None):
    columns = {"x": np.asarray(x, dtype=float), "c": np.asarray(c, dtype=object)}
    day = datetime.date(2013, 1, day)
    return profile_columns(columns, KINDS, day=day, facts=facts or {})


def days(n_days=6, n_rows=500):
    draw = np.random.default_rng(3)
    tables = []
    for day in range(n_days):
        x = draw.normal(day, 1 + day, n_rows)
        x[:day] = np.nan
        x[-1] = np.inf
        tables.append((x, draw.choice(["a", "b", f"only {day}", ""], n_rows)))
    return tables


def test_merged_blocks_are_the_profile_of_all_rows():
    tables = days()
    parts = [block(day + 1, *table) for day, table in enumerate(tables)]
    whole = block(1, *(np.concatenate(column) for column in zip(*tables, strict=True)))
    ours, expected = merged(parts).to_pandas(), whole.to_pandas()
    same = [name for name in expected if name.startswith(("counts/", "types/"))]
    same += ["distribution/n", "distribution/min", "distribution/max"]
    assert ours[same].equals(expected[same])
    for name in ("distribution/mean", "distribution/stddev"):
        assert ours[name]["x"] == pytest.approx(expected[name]["x"], rel=1e-12)
    assert ours["cardinality/est"]["x"] == pytest.approx(expected["cardinality/est"]["x"], rel=0.05)
    ours_items, items = (
        {item.value: item.est for item in frame["frequent_items/frequent_strings"]["c"]}
        for frame in (ours, expected)
    )
    assert ours_items == items


def test_merging_leaves_its_inputs_as_they_were():
    parts = [block(1, [1, 2], ["a", "b"], {"model": "m"}), block(2, [9], ["c"], {"rows": "1"})]
    before = [part.serialize() for part in parts]
    whole = merged(parts)
    merged([whole, whole])
    assert [part.serialize() for part in parts] == before
    assert [part.metadata for part in parts] == [{"model": "m"}, {"rows": "1"}]
    assert whole.get_column("x").get_metric("distribution").n == 3


def test_merging_keeps_the_first_time_and_the_facts_that_all_agree_on():
    facts = {"model": "m"}
    parts = [
        block(2, [1], ["a"], {**facts, "pod": "1"}),
        block(1, [1], ["a"], {**facts, "pod": "2"}),
    ]
    whole = merged(parts)
    assert whole.dataset_timestamp.day == 1
    assert whole.metadata == facts


def test_the_same_blocks_merge_to_the_same_bytes():
    tables = days(n_days=12)
    once, again = (
        merged([block(day + 1, *table) for day, table in enumerate(tables)]) for _ in range(2)
    )
    assert once.get_column("x").get_metric("distribution").kll.value.is_estimation_mode()
    assert profile_bytes(once) == profile_bytes(again)


def test_an_empty_block_changes_nothing():
    full, empty = block(1, [1, 2, 4], ["a", "b", "b"]), block(2, [], [])
    ours = merged([empty, full, empty]).to_pandas().drop(columns="type")
    expected = full.to_pandas().drop(columns="type")
    quantiles = [name for name in ours if "/q_" not in name]
    assert ours[quantiles].astype(str).equals(expected[quantiles].astype(str))


def test_profiles_read_from_bytes_merge_like_fresh_ones():
    parts = [block(1, [1, 2], ["a", "b"]), block(2, [9], ["c"])]
    stored = [View.deserialize(part.serialize()) for part in parts]
    figures = ["distribution/mean", "distribution/stddev", "counts/n", "cardinality/est"]
    assert merged(stored).to_pandas()[figures].equals(merged(parts).to_pandas()[figures])


def test_merged_profiles_are_standard_files():
    whole = merged([block(1, [1], ["a"]), block(2, [3], ["b"])])
    again = View.deserialize(whole.serialize())
    assert again.get_column("x").get_metric("distribution").avg == 2.0


def test_profiles_of_other_columns_are_refused():
    other = profile_columns({"x": np.array(["1"])}, {"x": "category"}, day=None, facts={})
    with pytest.raises(DataError) as caught:
        merged([block(1, [1], ["a"]), other])
    assert str(caught.value) == (
        "cannot merge profiles of different columns\n"
        "  expected: c (category), x (number)\n"
        "  got: x (category)"
    )


def test_merging_nothing_is_refused():
    with pytest.raises(DataError, match="no profiles to merge"):
        merged([])
