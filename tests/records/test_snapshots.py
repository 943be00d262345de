"""Daily profiles in a store: each writer's newest of a day, whole and of Mooring."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from mooring.errors import IntegrityError
from mooring.profiles.reading import Profile
from mooring.profiles.sketches import profile_columns
from mooring.profiles.tables import counts, reference_counts
from mooring.records.parts import Part
from mooring.records.snapshots import DIRECTORY, SUFFIX, read_sketches
from mooring.records.store import Store

MODEL = "m" * 64


def snapshot(day: int, values: list[float]) -> bytes:
    at = datetime.date(2013, 7, day)
    columns = {"x": np.array(values)}
    return bytes(profile_columns(columns, {"x": "number"}, day=at, facts={}).serialize())


def put(url: Path, stream: str, number: int, day: int, content: bytes) -> Part:
    part = Part.of(stream, number, content, SUFFIX)
    with Store(str(url)) as store:
        store.put(f"{DIRECTORY}/{MODEL}/2013-07-{day:02d}", part, content)
    return part


def test_the_newest_of_each_writer_and_day_is_read(tmp_path: Path) -> None:
    put(tmp_path, "a", 1, 1, snapshot(1, [1]))
    put(tmp_path, "a", 2, 1, snapshot(1, [1, 2]))
    put(tmp_path, "b", 1, 1, snapshot(1, [3]))
    put(tmp_path, "b", 2, 2, snapshot(2, [4, 5, 6]))
    found = [
        (day, part.stream, of["x"].rows) for day, part, of in read_sketches(str(tmp_path), MODEL)
    ]
    first, second = datetime.date(2013, 7, 1), datetime.date(2013, 7, 2)
    assert found == [(first, "a", 2), (first, "b", 1), (second, "b", 3)]
    later = read_sketches(str(tmp_path), MODEL, since=second, until=second)
    assert [day for day, _, _ in later] == [second]


def test_the_snapshots_of_a_day_add_up_to_its_rows(tmp_path: Path) -> None:
    put(tmp_path, "a", 2, 1, snapshot(1, [1, 2]))
    put(tmp_path, "b", 1, 1, snapshot(1, [9, float("nan")]))
    profiles: list[Profile] = [of for _, _, of in read_sketches(str(tmp_path), MODEL)]
    bins, _ = reference_counts({"whole": profiles[0]})
    found = counts(profiles, bins)["x"]
    assert (found.rows, found.null, found.bins.sum()) == (4, 1, 3)


def test_a_part_that_is_not_a_profile_is_refused_by_name(tmp_path: Path) -> None:
    part = put(tmp_path, "a", 1, 1, b"WHY1 and no more")
    with pytest.raises(IntegrityError, match="is not a profile of Mooring") as caught:
        list(read_sketches(str(tmp_path), MODEL))
    assert caught.value.where == f"{tmp_path}/{DIRECTORY}/{MODEL}/2013-07-01/{part}"
