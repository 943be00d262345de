"""The recording process from the inside: a store that refuses, hangs or stays dead."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from mooring.records.log import read_predictions
from mooring.serving.recording import child
from mooring.serving.recording.child import WriterThread
from mooring.serving.recording.frames import Ack
from mooring.serving.recording.writer import open_writer
from tests.support.records import DAY, destination, entry, frame, profiled
from tests.support.server import PATIENCE_S, wait_until


class Refusing:
    """A store that fails a number of times before each part, or hangs until it is let go."""

    def __init__(self, store: Any, times: int) -> None:
        self.store, self.times, self.left = store, times, times
        self.open = threading.Event()
        self.open.set()

    def put(self, *part: Any) -> None:
        self.open.wait()
        if self.left:
            self.left -= 1
            raise OSError("no")
        self.left = self.times
        self.store.put(*part)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def recording_to(url: Path, times: int = 0, **changes: Any) -> tuple[WriterThread, list[Ack], Any]:
    """Return a thread that writes into a refusing store, its acknowledgements, and the store."""
    to = destination(url, **changes)
    writer = open_writer(to)
    refusing = Refusing(writer._store, times)
    writer._store = refusing  # type: ignore[assignment]
    acks: list[Ack] = []
    return WriterThread(writer, to, acks.append), acks, refusing


def test_a_store_that_fails_now_and_then_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "FIRST_RETRY_S", 0.01)
    recorded, acks, _ = recording_to(tmp_path, times=1)
    for number in range(4):
        recorded.take(frame(entry(number * 10, 10)))
    recorded.start()
    assert recorded.close() == 0
    assert profiled(tmp_path) == {DAY: 40}
    keys = read_predictions(str(tmp_path))["key"].to_pylist()
    assert sorted(keys) == sorted(f"k{number}" for number in range(40))
    assert sum(ack.recorded for ack in acks) == 40
    assert sum(ack.store_errors for ack in acks) == 2  # one for the log, one for the profile


def test_the_age_of_the_oldest_row_is_told_while_it_is_being_written(tmp_path: Path) -> None:
    recorded, acks, refusing = recording_to(tmp_path)
    refusing.open.clear()
    recorded.take(frame(entry(0, 10, at=time.time() - 1000)))
    recorded.start()
    wait_until(lambda: acks)
    refusing.open.set()
    assert recorded.close() == 0
    assert 1000 <= acks[0].lag_s < 1000 + PATIENCE_S
    assert acks[1:] == [Ack(recorded=10)]


def test_a_long_pause_ends_when_the_worker_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "FIRST_RETRY_S", 600)
    recorded, acks, refusing = recording_to(tmp_path, times=1)
    recorded.start()
    recorded.take(frame(entry(0, 10)))
    wait_until(lambda: any(ack.store_errors for ack in acks))
    refusing.times = 0
    assert recorded.close() == 0
    assert read_predictions(str(tmp_path)).num_rows == 10


def test_closing_gives_up_on_a_store_that_hangs(tmp_path: Path) -> None:
    recorded, acks, refusing = recording_to(tmp_path, drain_s=0.2)
    refusing.open.clear()
    recorded.start()
    recorded.take(frame(entry(0, 10)))
    assert recorded.close() == 10
    assert not any(ack.recorded for ack in acks)
    refusing.open.set()
    recorded._thread.join(PATIENCE_S)


def test_one_odd_frame_is_counted_and_does_not_end_the_thread(tmp_path: Path) -> None:
    recorded, acks, _ = recording_to(tmp_path)
    recorded.take(frame(entry(0, 10)._replace(asked=[("r0", 3)])))  # fewer rows than there are
    recorded.start()
    wait_until(lambda: Ack(dropped=10) in acks)
    recorded.take(frame(entry(10, 10)))
    assert recorded.close() == 0
    assert sum(ack.recorded for ack in acks) == 10
    assert read_predictions(str(tmp_path)).num_rows == 10


def test_rows_that_arrive_during_a_write_wait_for_a_full_one(tmp_path: Path) -> None:
    recorded, acks, refusing = recording_to(tmp_path, flush_rows=10, flush_s=600.0)
    refusing.open.clear()
    recorded.take(frame(entry(0, 10)))
    recorded.start()
    wait_until(lambda: acks)  # it is being written
    recorded.take(frame(entry(10, 3)))
    refusing.open.set()
    wait_until(lambda: Ack(recorded=10) in acks)
    time.sleep(0.2)
    assert sum(ack.recorded for ack in acks) == 10
    assert recorded.close() == 0
    assert [ack.recorded for ack in acks if ack.recorded] == [10, 3]
