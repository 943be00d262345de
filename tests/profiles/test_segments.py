"""A segment's columns are the profile of its rows alone, beside those of all rows."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import IntegrityError
from mooring.profiles.merging import merged
from mooring.profiles.reading import Sketches, read_profile
from mooring.profiles.segments import kinds_with_segments, segment_of, spoken, with_segments
from mooring.profiles.sketches import profile_columns
from mooring.profiles.store import read_sketches, write_profiles

KINDS: dict[str, Any] = {"x": "number", "where": "category", "score": "number"}
DAY = datetime.date(2024, 1, 1)
PLACES = ["JFK", "a\\b=c/d", "", None]
SEGMENTS = {"where": ["JFK", "a\\b=c/d", "nowhere"]}
rows = st.lists(
    st.tuples(
        st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf]),
        st.sampled_from(PLACES),
        st.floats(0, 1),
    ),
    max_size=40,
)


def columns(drawn: list[tuple[float, str | None, float]]) -> dict[str, Any]:
    x, where, score = zip(*drawn, strict=True) if drawn else ((), (), ())
    return {
        "x": np.array(x, dtype=np.float64),
        "where": np.array(where, dtype=object),
        "score": np.array(score, dtype=np.float64),
    }


def profiled(drawn: Any, segments: Any) -> dict[str, Sketches]:
    view = profile_columns(columns(drawn), KINDS, day=DAY, facts={}, segments=segments)
    return read_profile(view.serialize(), "here")


def told(column: Sketches) -> tuple[Any, ...]:
    """Return what a column says: a sketch of so few values holds each of them."""
    held: Any = column.items if column.kind == "category" else ()
    if column.kind == "number" and column.present:
        held = column.values.get_quantiles(np.linspace(0, 1, 41).tolist())
    return column.kind, column.rows, column.null, column.inf, held


@given(rows)
def test_a_segment_s_columns_are_the_profile_of_its_rows_alone(drawn: Any) -> None:
    found, whole = profiled(drawn, SEGMENTS), profiled(drawn, {})
    assert {name: told(found[name]) for name in KINDS} == {n: told(whole[n]) for n in KINDS}
    for place in SEGMENTS["where"]:
        alone = profiled([row for row in drawn if row[1] == place], {})
        for name in ("x", "score"):
            assert told(found[f"where={place}\\{name}"]) == told(alone[name])
    assert len(found) == len(KINDS) + 6
    assert kinds_with_segments(KINDS, SEGMENTS) == {n: each.kind for n, each in found.items()}


def test_a_name_says_whose_rows_it_is_of() -> None:
    assert segment_of("where=a\\b=c/d\\x") == ("where=a\\b=c/d", "x")
    assert segment_of("price/m²") == ("", "price/m²")
    assert (spoken("where=JFK", "x"), spoken("", "x")) == ("x (where=JFK)", "x")


def test_without_segments_columns_are_as_they_were() -> None:
    given_columns = columns([(1.0, "JFK", 0.5)])
    found = with_segments(given_columns, {})
    assert all(found[name] is given_columns[name] for name in KINDS)
    assert list(found) == list(KINDS)


def test_segments_are_stored_and_merged_like_any_column(tmp_path: Path) -> None:
    drawn = [(float(n), PLACES[n % 2], 0.5) for n in range(30)]
    parts = [
        profile_columns(columns(half), KINDS, day=DAY, facts={}, segments=SEGMENTS)
        for half in (drawn[:10], drawn[10:])
    ]
    kinds = kinds_with_segments(KINDS, SEGMENTS)
    write_profiles(tmp_path / "profiles", {"2024-01-01": merged(parts)}, kinds, {})
    stored = read_sketches(tmp_path / "profiles")
    assert stored.columns == dict(sorted(kinds.items()))
    assert stored.rows == {"2024-01-01": 30}
    rows = {name: column.rows for name, column in stored.blocks["2024-01-01"].items()}
    assert rows["where=JFK\\x"] == rows["where=a\\b=c/d\\score"] == 15
    assert rows["where=nowhere\\x"] == 0


def test_columns_of_one_segment_are_of_one_length() -> None:
    short = profile_columns(
        columns([(1.0, "JFK", 0.5)]), KINDS, day=DAY, facts={}, segments=SEGMENTS
    )
    long = profile_columns(
        columns([(1.0, "JFK", 0.5)] * 2), KINDS, day=DAY, facts={}, segments=SEGMENTS
    )
    swapped = {**long.get_columns(), "where=JFK\\x": short.get_column("where=JFK\\x")}
    mixed = type(long)(
        columns=swapped,
        dataset_timestamp=long.dataset_timestamp,
        creation_timestamp=long.creation_timestamp,
    )
    with pytest.raises(IntegrityError, match="columns are not of one length"):
        read_profile(mixed.serialize(), "here")
