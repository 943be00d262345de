"""Labels: each comes its delay after its row, on the day of that moment, once however often it is put."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mooring.errors import EnvironmentFault
from mooring.records.label_files import read_labels
from mooring.records.labels import SCHEMA
from mooring.records.store import Store
from mooring.replay.arrivals import arrivals
from mooring.replay.delivery import LateLabels
from mooring.replay.durations import duration
from tests.support.replayed import DATA, frame, window, write

ROWS = frame(24 * 6)
DAYS = window("2024-01-02", "2024-01-05")
SENT = ROWS[24:120]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write(tmp_path / "rows", ROWS)


def late(rows: Path, delay: str, store: Path) -> LateLabels:
    return LateLabels(Store(str(store)), "replay-x", arrivals(rows, DATA, DAYS, duration(delay)))


@pytest.mark.parametrize("delay", ["0s", "90m", "1d", "2.5d", "40d"])
def test_labels_arrive_their_delay_after_their_rows(rows: Path, tmp_path: Path, delay: str) -> None:
    labels = late(rows, delay, tmp_path / "store")
    labels.put_until(float("inf"))
    parts = sorted((tmp_path / "store/labels").glob("*/*.parquet"))
    tables = [pq.read_table(part, partitioning=None) for part in parts]
    assert all(table.schema == SCHEMA for table in tables)
    for part, table in zip(parts, tables, strict=True):
        assert {str(at.date()) for at in table["time"].to_pylist()} == {part.parent.name}
    found = pa.concat_tables(tables).to_pandas()
    assert found["key"].tolist() == SENT["id"].tolist()
    assert np.array_equal(found["label"], SENT["answer"], equal_nan=True)
    arrived = found["time"].dt.tz_localize(None) - duration(delay)
    assert arrived.tolist() == SENT["asked"].tolist()
    assert labels.n_rows == len(SENT)
    assert not labels.outstanding


def test_no_label_is_delivered_before_its_day_ends(rows: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    labels = late(rows, "1d", store)
    end = np.datetime64("2024-01-04", "s").astype(int).item()
    labels.put_until(end - 0.001)
    assert not store.exists()
    labels.put_until(end)
    assert [day.name for day in (store / "labels").iterdir()] == ["2024-01-03"]
    assert labels.outstanding


def test_delivering_labels_again_changes_nothing(rows: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    found = []
    for _ in range(2):
        late(rows, "1d", store).put_until(float("inf"))
        found.append({path: path.stat().st_mtime_ns for path in store.rglob("*.parquet")})
    assert len(found[0]) == 4
    assert found[0] == found[1]


def test_delivered_labels_are_readable_by_mooring_ab(rows: Path, tmp_path: Path) -> None:
    late(rows, "1d", tmp_path).put_until(float("inf"))
    found = read_labels(str(tmp_path / "labels"), "key", "label")
    assert sorted(found["key"].to_pylist()) == sorted(SENT["id"])
    assert found["label"].null_count == int(SENT["answer"].isna().sum()) > 0


def test_a_store_that_refuses_labels_is_reported(rows: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "labels").symlink_to("nowhere")  # holds nothing, and takes nothing
    with pytest.raises(EnvironmentFault) as caught:
        late(rows, "1d", store).put_until(float("inf"))
    assert str(caught.value) == (
        f"{store}: refuses the labels\n"
        f"  got: [Errno 17] File exists: '{store}/labels'\n"
        "  fix: check --store and the store's credentials, then run the same command again"
    )


def test_arrival_days_are_in_the_data_s_time_zone(tmp_path: Path) -> None:
    path = write(tmp_path / "rows", frame(48))
    days = window("2024-01-01", "2024-01-01", "America/New_York")
    (first, second) = arrivals(path, DATA, days, timedelta(hours=3))
    assert (first.day, second.day) == (date(2024, 1, 1), date(2024, 1, 2))
    # From 05:00 UTC to midnight in New York, 05:00 UTC of the next day, less the delay.
    assert first.table["key"].to_pylist() == [f"k{i}" for i in range(5, 26)]
    assert first.until == np.datetime64("2024-01-02T05", "s").astype(int)


@pytest.mark.parametrize("text", ["", "1", "d", "1w", "1 d", "nan", "1e3d", "36501d"])
def test_invalid_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number with its unit|is longer than"):
        duration(text)


def test_durations_are_parsed() -> None:
    texts = ["30m", "-5h", "+1.5d", "45s"]
    hours = [duration(text) / timedelta(hours=1) for text in texts]
    assert hours == [0.5, -5, 36, 0.0125]
