"""Reading: the days that are asked for and no others, in order, in types that are declared."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mooring.errors import DataError
from mooring.replay.past_rows import CHUNK_ROWS, read
from tests.support.replayed import DATA, START, frame, window, write


def keys(path: Path, first: str, last: str, zone: str = "UTC") -> list[str]:
    chunks = list(read(path, DATA, window(first, last, zone), ["x"]))
    assert all(len(chunk) <= CHUNK_ROWS for chunk in chunks)
    return [key for chunk in chunks for key in chunk.keys]


def test_a_window_is_whole_days_with_both_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "rows", frame(24 * 5))
    assert keys(path, "2024-01-02", "2024-01-03") == [f"k{i}" for i in range(24, 72)]


def test_days_are_of_the_zone_also_when_clocks_change(tmp_path: Path) -> None:
    rows = frame(72).assign(
        asked=np.datetime64("2024-03-09T12", "us") + np.arange(72) * np.timedelta64(1, "h")
    )
    path = write(tmp_path / "rows", rows)
    # The tenth of March 2024 has 23 hours in New York: from 05:00 to 04:00 UTC.
    assert keys(path, "2024-03-10", "2024-03-10", "America/New_York") == [
        f"k{i}" for i in range(17, 40)
    ]


@pytest.mark.parametrize("size", [7, 100, 100_000])
def test_row_groups_of_any_size_give_the_same_rows(tmp_path: Path, size: int) -> None:
    path = write(tmp_path / "rows", frame(4000, "10min"), row_group_size=size)
    assert keys(path, "2024-01-05", "2024-01-20") == [f"k{i}" for i in range(576, 2880)]


def test_times_with_a_zone_and_other_types_of_number_are_read_alike(tmp_path: Path) -> None:
    rows = frame(48)
    there = rows["asked"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    plain = write(tmp_path / "plain", rows)
    zoned = write(tmp_path / "zoned", rows.assign(asked=there, x=rows["x"].astype("float32")))
    both = [
        next(read(path, DATA, window("2024-01-01", "2024-01-02"), ["x"])) for path in (plain, zoned)
    ]
    assert both[0].clock.tolist() == both[1].clock.tolist()
    assert both[1].clock[0] == START
    assert np.array_equal(both[0].columns["x"], both[1].columns["x"], equal_nan=True)
    assert both[1].columns["x"].dtype == float


EXPECTED = "\n  expected: a Parquet file like data/rows.parquet, which 'dvc repro ingest' writes"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            frame(3).drop(columns=["x", "city"]),
            "column x, city is missing" + EXPECTED + "\n  got: id, asked, answer, y, z, word",
        ),
        (frame(48)[::-1], "the rows are not in order of asked" + EXPECTED),
        (
            frame(3).assign(id=["a", None, "b"]),
            "a row has no id or no asked" + EXPECTED,
        ),
        (
            frame(3).assign(x=["1", "2", "many"]),
            "column x is not a double"
            + EXPECTED
            + "\n  got: string: Failed to parse string: 'many' as a scalar of type double",
        ),
    ],
)
def test_unusable_files_of_rows_are_refused(
    tmp_path: Path, rows: pd.DataFrame, message: str
) -> None:
    path = write(tmp_path / "rows", rows)
    with pytest.raises(DataError) as caught:
        list(read(path, DATA, window("2024-01-01", "2024-01-02"), ["x", "city"]))
    assert str(caught.value).replace("large_string", "string") == f"{path}: {message}"


def test_unsorted_rows_across_chunks_are_refused(tmp_path: Path) -> None:
    rows = frame(2 * CHUNK_ROWS, "1min")
    path = write(tmp_path / "rows", pd.concat([rows[CHUNK_ROWS:], rows[:CHUNK_ROWS]]))
    with pytest.raises(DataError, match="not in order"):
        list(read(path, DATA, window("2024-01-01", "2024-01-03"), []))


@pytest.mark.parametrize("content", [None, b"", b"id,asked\n"])
def test_a_file_that_is_not_parquet_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "rows.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        list(read(path, DATA, window("2024-01-01", "2024-01-02"), ["x"]))
    assert caught.value.where == str(path)
    assert caught.value.what == "cannot be read as Parquet"
