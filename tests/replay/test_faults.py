"""Faults: each changes what it says in the rows that it touches, and nothing else anywhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.config.data import Data
from mooring.errors import ConfigError
from mooring.replay.changes import COPY
from mooring.replay.faults import CONVERSIONS, FORMS, SHARE, Fault, parse
from mooring.replay.past_rows import Rows
from tests.support.replayed import DATA, arrays, frame

NAMES = [
    *("unit:x:f_to_c", "unit:y:2,-1", "rename:city:Rye=Paris", "null:x", "null:city"),
    *("missing:z", "missing:word", "clock:+30m", "drop", "repeat"),
]
ROWS = arrays(frame(500))


def cells(rows: Rows) -> dict[str, list[Any]]:
    """Return all that is sent, by field, in texts, so that NaN equals NaN."""
    sent = {"id": rows.keys, "asked": rows.times, "clock": rows.clock, **rows.columns}
    absent = {f"without {name}": mask for name, mask in rows.absent.items() if mask.any()}
    return {name: list(map(str, values)) for name, values in (sent | absent).items()}


def faulty(name: str, share: float = 1.0) -> Fault:
    return replace(parse(name, DATA), share=share)


def test_a_unit_is_converted_by_its_definition() -> None:
    rows, touched = faulty("unit:x:f_to_c").apply(ROWS)
    before = ROWS.columns["x"]
    assert rows.columns["x"] == pytest.approx((before - 32) * 5 / 9, nan_ok=True)
    assert touched == np.count_nonzero(~np.isnan(before))


@pytest.mark.parametrize(("there", "back"), [("f_to_c", "c_to_f"), ("miles_to_km", "km_to_miles")])
def test_a_conversion_and_its_inverse_cancel_out(there: str, back: str) -> None:
    once, _ = faulty(f"unit:x:{there}").apply(ROWS)
    again, _ = faulty(f"unit:x:{back}").apply(once)
    assert again.columns["x"] == pytest.approx(ROWS.columns["x"], abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("unit:y:2,-1", "y", lambda old: str(2 * float(old) - 1)),
        ("rename:city:Rye=Paris", "city", lambda old: "Paris" if old == "Rye" else old),
        ("null:x", "x", lambda old: "nan"),
        ("null:city", "city", lambda old: "None"),
        ("clock:+30m", "asked", lambda old: str(np.datetime64(old) + np.timedelta64(30, "m"))),
    ],
)
def test_a_fault_changes_its_field_and_no_other(
    name: str, field: str, expected: Callable[[str], str]
) -> None:
    before, after = cells(ROWS), cells(faulty(name).apply(ROWS)[0])
    assert {each for each in before if before[each] != after[each]} == {field}
    assert after[field] == [expected(old) for old in before[field]]


def test_a_missing_column_is_left_out_and_no_value_is_changed() -> None:
    before, after = cells(ROWS), cells(faulty("missing:z").apply(ROWS)[0])
    assert after.pop("without z") == ["True"] * len(ROWS)
    assert after == before


def test_dropped_rows_are_missing_and_the_others_unchanged() -> None:
    rows, touched = faulty("drop", 0.3).apply(ROWS)
    kept = np.isin(ROWS.keys, rows.keys)
    assert 0 < touched == len(ROWS) - len(rows) < len(ROWS)
    assert cells(rows) == cells(ROWS.take(kept))


def test_repeated_rows_follow_the_original_with_another_key() -> None:
    rows, touched = faulty("repeat", 0.3).apply(ROWS)
    copies = np.array([key.endswith(COPY) for key in rows.keys])
    assert 0 < touched == np.count_nonzero(copies) < len(ROWS)
    assert cells(rows.take(~copies)) == cells(ROWS)
    twins = cells(rows.take(np.flatnonzero(copies) - 1))
    twins["id"] = [key + COPY for key in twins["id"]]
    assert cells(rows.take(copies)) == twins
    assert len(set(rows.keys)) == len(rows)


@given(name=st.sampled_from(NAMES), cut=st.integers(0, 500), share=st.floats(0.05, 1))
def test_a_fault_is_the_same_for_any_chunk_size(name: str, cut: int, share: float) -> None:
    fault = faulty(name, share)
    whole, n_whole = fault.apply(ROWS)
    (first, n_first), (second, n_second) = (
        fault.apply(ROWS.take(part)) for part in (slice(cut), slice(cut, None))
    )
    parts = [cells(first), cells(second)]
    for field, values in cells(whole).items():
        lengths = len(first), len(second)
        found = [part.get(field, ["False"] * n) for part, n in zip(parts, lengths, strict=True)]
        assert found[0] + found[1] == values
    assert n_first + n_second == n_whole


@given(name=st.sampled_from(NAMES), shares=st.lists(st.floats(0.01, 1), min_size=2, max_size=2))
def test_a_larger_share_includes_the_rows_of_a_smaller_one(name: str, shares: list[float]) -> None:
    def touched(share: float) -> set[str]:
        if name == "drop":
            return set(ROWS.keys) - set(faulty(name, share).apply(ROWS)[0].keys)
        before, after = cells(ROWS), cells(faulty(name, share).apply(ROWS)[0])
        if name == "repeat":
            return {key for key in after["id"] if key.endswith(COPY)}
        absent = after.get(f"without {name.partition(':')[2]}", ["False"] * len(ROWS))
        rows = zip(*before.values(), strict=True), zip(*(after[f] for f in before), strict=True)
        return {
            old[0]
            for old, new, lacks in zip(*rows, absent, strict=True)
            if old != new or lacks == "True"
        }

    small, large = sorted(shares)
    assert touched(small) <= touched(large)


def test_a_share_changes_about_that_fraction_of_rows() -> None:
    rows = arrays(frame(20_000))
    _, touched = faulty("clock:1h", 0.1).apply(rows)
    # Five standard deviations of a binomial of 20,000 and a tenth.
    assert abs(touched - 2000) < 5 * (20_000 * 0.1 * 0.9) ** 0.5


def test_two_faults_with_one_share_choose_rows_independently() -> None:
    one, other = (faulty(name, 0.5).apply(ROWS)[0] for name in ("missing:x", "missing:y"))
    assert (one.absent["x"] != other.absent["y"]).any()


@pytest.mark.parametrize("text", [*NAMES, "unit:x:f_to_c@0.1", "rename:city:a@b=c@0.25"])
def test_a_fault_is_printed_as_it_was_written(text: str) -> None:
    assert str(parse(text, DATA)) == text


def test_an_at_sign_without_a_number_belongs_to_the_name() -> None:
    found = parse("rename:city:Rye=a@b", DATA)
    assert (found.name, found.share) == ("rename:city:Rye=a@b", 1.0)


COLUMNS = {
    "x": DATA.columns["x"].model_dump(),
    "city": DATA.columns["city"].model_dump() | {"categories": ["Rye", "Troy"]},
}
CLOSED = Data.parse("data", DATA.model_dump(mode="json") | {"columns": COLUMNS}, "conf")
ALL_FORMS = "; ".join(FORMS.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("units:x:f_to_c", f"unknown fault 'units'\n  expected: {ALL_FORMS}; {SHARE}"),
        ("", f"unknown fault ''\n  expected: {ALL_FORMS}; {SHARE}"),
        ("null", f"is not of the form of this fault\n  expected: null:COLUMN; {SHARE}"),
        ("drop:x", f"is not of the form of this fault\n  expected: drop; {SHARE}"),
        ("null:tmp", "'tmp' is not an input column\n  expected: x, city"),
        ("null:answer", "'answer' is not an input column\n  expected: x, city"),
        ("unit:city:f_to_c", "'city' is not a number column\n  expected: x"),
        ("rename:x:a=b", "'x' is not a category column\n  expected: city"),
        ("rename:city:rye=Troy", "city has no category 'rye'\n  expected: one of Rye, Troy"),
        (
            "rename:city:Rye",
            "is not of the form of this fault\n  expected: rename:COLUMN:OLD=NEW",
        ),
        (
            "unit:x:nan,1",
            "unknown conversion 'nan,1'\n  expected: FACTOR,OFFSET such as 1.8,32; or one of "
            + ", ".join(CONVERSIONS),
        ),
        (
            "clock:soon",
            "'soon' is not a shift\n  expected: a number with its unit s, m, h or d, such as 30m or 1d",
        ),
        ("drop@0", f"0 is not a share of the rows\n  expected: {SHARE}"),
        ("drop@1.5", f"1.5 is not a share of the rows\n  expected: {SHARE}"),
        ("drop@nan", f"nan is not a share of the rows\n  expected: {SHARE}"),
    ],
)
def test_a_wrong_fault_lists_the_allowed_forms(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, CLOSED)
    assert str(caught.value) == f"--fault {text}: {message}"
