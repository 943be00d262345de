"""Records: every row once, whatever happens to the process that writes, and never in the way of a
request."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from mooring.records.log import read_predictions
from mooring.serving.recording import process as recording_process
from mooring.serving.recording import recorder as module
from mooring.serving.recording.frames import Destination
from mooring.serving.recording.recorder import Recorder
from tests.support.project import ROOT
from tests.support.records import DAY, ONLY, destination, entry, profiled
from tests.support.server import PATIENCE_S, wait_until

BUFFER_ROWS = 1000


class Count:
    """A counter or a gauge."""

    def __init__(self) -> None:
        self.value = 0.0

    def inc(self, n: float = 1) -> None:
        self.value += n

    def set(self, value: float) -> None:
        self.value = value


class Counts:
    """What the recorder counts."""

    def __init__(self) -> None:
        self.dropped, self.recorded, self.lag, self.store_errors = (Count() for _ in range(4))


def recorder_to(to: Destination) -> tuple[Recorder, Any]:
    counts: Any = Counts()
    return Recorder(to, BUFFER_ROWS, counts), counts


def writers() -> list[psutil.Process]:
    """Return the running processes that write for a recorder of this one."""
    children = psutil.Process().children()
    return [
        child
        for child in children
        if child.status() != psutil.STATUS_ZOMBIE
        and "mooring.serving.recording.child" in child.cmdline()
    ]


def writer_of(recorder: Recorder, counts: Any) -> psutil.Process:
    """Start a recorder and return its process once it has written ten rows."""
    recorder.start()
    recorder.append(entry(0, 10))
    wait_until(lambda: counts.recorded.value == 10)
    (found,) = writers()
    return found


def test_every_row_is_in_the_log_and_in_a_profile_once(tmp_path: Path) -> None:
    recorder, counts = recorder_to(destination(tmp_path))
    recorder.start()
    for number in range(50):
        recorder.append(entry(number * 10, 10))
    assert recorder.close() == 0
    log = read_predictions(str(tmp_path)).sort_by("score").to_pydict()
    assert log["key"] == [f"k{number}" for number in range(500)]
    assert log["request_id"] == [f"r{number // 10 * 10}" for number in range(500)]
    assert log["row"] == [number % 10 for number in range(500)]
    assert set(log["model"]) == {ONLY}
    assert all(log["returned"])
    assert profiled(tmp_path) == {DAY: 500}
    assert (counts.recorded.value, counts.dropped.value) == (500, 0)


def test_rows_are_recorded_while_few_of_them_come(tmp_path: Path) -> None:
    recorder, counts = recorder_to(destination(tmp_path))
    writer_of(recorder, counts)
    assert read_predictions(str(tmp_path)).num_rows == 10
    assert recorder.close() == 0


def test_a_process_that_hangs_never_holds_a_request_and_what_does_not_fit_is_counted(
    tmp_path: Path,
) -> None:
    recorder, counts = recorder_to(destination(tmp_path))
    process = writer_of(recorder, counts)
    process.suspend()
    slowest = 0.0
    for number in range(1, 301):
        start = time.perf_counter()
        recorder.append(entry(number * 10, 10))
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 1  # the process would have held it for ever
    assert counts.dropped.value == 2000
    process.resume()
    assert recorder.close() == 0
    assert read_predictions(str(tmp_path)).num_rows == 1010
    assert counts.recorded.value == 1010


def test_closing_waits_for_a_pipe_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_process, "PIPE_BYTES", 4096)
    recorder, counts = recorder_to(destination(tmp_path))
    process = writer_of(recorder, counts)
    process.suspend()
    recorder.append(entry(10, 900))
    resume = threading.Timer(1, process.resume)
    resume.start()
    assert recorder.close() == 0
    resume.join()
    assert read_predictions(str(tmp_path)).num_rows == 910


def test_closing_gives_up_on_a_store_that_stays_dead(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    recorder, counts = recorder_to(destination(tmp_path / "file", drain_s=2.0))
    recorder.start()
    recorder.append(entry(0, 10))
    wait_until(lambda: counts.store_errors.value)
    assert recorder.close() == 10
    assert (counts.recorded.value, counts.dropped.value) == (0, 10)
    assert writers() == []


def test_a_killed_process_is_followed_by_another_and_its_rows_are_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder, counts = recorder_to(destination(tmp_path, flush_rows=10**6, flush_s=3600.0))
    recorder.start()
    recorder.append(entry(0, 300))
    (first,) = wait_until(writers)
    wait_until(lambda: recorder._popped == 300)
    first.kill()
    wait_until(lambda: counts.dropped.value == 300)
    recorder.append(entry(300, 300))
    (second,) = wait_until(writers)
    assert second.pid != first.pid
    assert recorder.close() == 0
    assert read_predictions(str(tmp_path)).num_rows == 300
    assert profiled(tmp_path) == {DAY: 300}
    assert (counts.recorded.value, counts.dropped.value) == (300, 300)
    assert [record.getMessage() for record in caplog.records] == [
        "the recording process exited with -9: 300 rows lost"
    ]


def test_a_store_that_cannot_be_is_reported_and_all_rows_are_counted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorder, counts = recorder_to(destination("no-such-protocol://somewhere"))
    recorder.start()
    recorder.append(entry(0, 10))
    wait_until(lambda: counts.dropped.value == 10)
    recorder.append(entry(10, 10))
    assert recorder.close() == 0
    assert (counts.store_errors.value, counts.dropped.value) == (1, 20)
    assert (
        "nothing is recorded: no-such-protocol://somewhere: is not a reachable store"
        in capfd.readouterr().err
    )


def test_a_process_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    recorder, counts = recorder_to(destination(tmp_path))
    recorder.start()
    recorder.append(entry(0, 10))
    time.sleep(0.1)
    monkeypatch.undo()
    wait_until(lambda: counts.recorded.value == 10)
    assert recorder.close() == 0


def test_the_signals_that_end_a_server_do_not_end_the_process(tmp_path: Path) -> None:
    recorder, _ = recorder_to(destination(tmp_path, flush_rows=10**6, flush_s=3600.0))
    recorder.start()
    (process,) = wait_until(writers)
    for signalled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process.send_signal(signalled)
    recorder.append(entry(0, 10))
    assert recorder.close() == 0
    assert read_predictions(str(tmp_path)).num_rows == 10


WORKER = """
import sys, time
from mooring.serving.recording.process import RecordingProcess
from tests.serving.recording.test_recorder import recorder_to, writers
from tests.support.records import destination, entry
from tests.support.server import wait_until

sent, send = [], RecordingProcess.send
RecordingProcess.send = lambda self, content: (send(self, content), sent.append(self))
recorder, _ = recorder_to(destination(sys.argv[1], flush_rows=10**6, flush_s=3600.0))
recorder.start()
recorder.append(entry(0, 300))
wait_until(lambda: len(sent) == 2 and not sent[0].is_busy)  # the destination, and a frame
(process,) = writers()
print(process.pid, flush=True)
time.sleep(3600)
"""


def test_a_killed_worker_s_rows_are_written_once_they_are_in_the_pipe(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with worker:
        assert worker.stdout is not None
        process = psutil.Process(int(worker.stdout.readline()))
        os.kill(worker.pid, signal.SIGKILL)
    process.wait(PATIENCE_S)
    assert read_predictions(str(tmp_path)).num_rows == 300
    assert profiled(tmp_path) == {DAY: 300}


def test_eight_recorders_lose_and_double_nothing(tmp_path: Path) -> None:
    """One recorder is used from one thread; eight recorders are eight workers of one interval."""
    recorders = [recorder_to(destination(tmp_path))[0] for _ in range(8)]

    def work(number: int) -> None:
        recorders[number].start()
        for batch in range(20):
            recorders[number].append(entry(1000 * number + batch * 10, 10))
        recorders[number].close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys: Sequence[str] = read_predictions(str(tmp_path))["key"].to_pylist()
    assert len(keys) == len(set(keys)) == 1600
    assert profiled(tmp_path) == {DAY: 1600}
