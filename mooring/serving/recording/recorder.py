"""Record scored rows off the request path: a bounded buffer, and one thread that sends them on.

The path appends one entry per batch, and never waits: if the buffer is full the rows are dropped and
counted. The thread sends them, in pieces that hold the interpreter for a fraction of a millisecond, to
a process that does everything heavy. A row leaves the buffer when that process has acknowledged it.
"""

import gc
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from mooring.errors import EnvironmentFault
from mooring.serving.recording.entries import Entry, chunks, frame_of
from mooring.serving.recording.frames import FAULT, Ack, Destination, framed
from mooring.serving.recording.process import RecordingProcess, shield
from mooring.serving.telemetry.metrics import Metrics

log = logging.getLogger("bentoml.scorer")
ANNOUNCED_ROWS = 64
"""The thread is woken for this many rows: in one turn it delays requests by up to 0.3 ms."""
TICK_S = 1.0
"""Fewer rows are sent after this time, since a killed worker loses what it has not sent."""
FIRST_PAUSE_S, LAST_PAUSE_S = 0.5, 30.0
"""The pause before another process is started."""


def records_url(environment: Mapping[str, str]) -> str | None:
    """Return where records go: MOORING_STORE, else a directory in BentoML's home; None for `off`.

    Raises EnvironmentFault for a relative path: a worker runs inside the bento, which is sealed.
    """
    home = environment.get("BENTOML_HOME") or str(Path.home() / "bentoml")
    url = environment.get("MOORING_STORE") or f"{home}/records"
    if url == "off":
        return None
    if "://" not in url and not Path(url).is_absolute():
        raise EnvironmentFault(
            "is not a place for the records",
            where="MOORING_STORE",
            expected="an absolute path, a URL, or off",
            got=url,
            fix=f"set MOORING_STORE to {Path('/path/to') / url}",
        )
    return url


def settle() -> None:
    """Collect garbage only on request, and leave out what has been imported and loaded so far.

    After many new objects Python scans all the rows that wait to be written, while requests wait: up to
    70 ms, measured at 4,500 requests a second.
    """
    gc.disable()
    gc.collect()
    gc.freeze()


class Recorder:
    """Appends from the event loop, sends from its own thread."""

    def __init__(self, destination: Destination, buffer_rows: int, metrics: Metrics) -> None:
        self._to, self._buffer_rows, self._metrics = destination, buffer_rows, metrics
        self._entries: deque[Entry] = deque()
        self._appended = self._unannounced = 0  # rows; counted by the loop alone
        self._popped = self._settled = self._n_recorded = 0  # by the thread alone
        self._stop, self._is_given_up, self._is_refused = threading.Event(), False, False
        self._woken, self._wakes = os.pipe()
        os.set_blocking(self._wakes, False)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Start the thread, which starts the process."""
        self._thread.start()

    def append(self, entry: Entry) -> None:
        """Keep one entry, or drop it and count its rows if the buffer is full."""
        n_rows = entry.n_rows
        if self._is_refused or self._appended - self._settled + n_rows > self._buffer_rows:
            self._metrics.dropped.inc(n_rows)
            return
        self._entries.append(entry)
        self._appended += n_rows
        self._unannounced += n_rows
        if self._unannounced >= ANNOUNCED_ROWS:
            self._unannounced = 0
            self._wake()

    def close(self) -> int:
        """Write what is left, for at most drain_s; return how many rows could not be written."""
        self._stop.set()
        self._wake()
        self._thread.join(self._to.drain_s)
        if self._thread.is_alive():
            self._is_given_up = True
            self._wake()
            self._thread.join()
        self._is_refused = True
        os.close(self._woken)
        os.close(self._wakes)
        lost = self._appended - self._settled
        if lost:
            self._metrics.dropped.inc(lost)
            log.error("%d rows were not recorded within %g s", lost, self._to.drain_s)
        return lost

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # it has been woken often enough
            os.write(self._wakes, b"\0")

    def _run(self) -> None:
        shield()
        pause_s = FIRST_PAUSE_S
        while self._entries or not self._stop.is_set():
            n_before = self._n_recorded
            code = self._feed()
            if self._is_given_up:
                return
            self._drop(code)
            if code == FAULT:
                return
            pause_s = FIRST_PAUSE_S if self._n_recorded > n_before else pause_s
            if self._stop.wait(pause_s) and self._entries:
                time.sleep(FIRST_PAUSE_S)
            pause_s = min(2 * pause_s, LAST_PAUSE_S)

    def _feed(self) -> int | None:
        """Start a process and feed it until it ends; return its code, None if it does not start."""
        try:
            process = RecordingProcess(self._woken)
        except OSError as error:
            log.error("the recording process cannot be started: %s", error)
            return None
        process.send(framed(self._to))
        while process.code is None:
            self._hand_on(process)
            if self._stop.is_set() and not (self._entries or process.is_busy):
                break
            self._wait(process)
        process.finish()
        while process.code is None:
            self._wait(process)
        return process.code

    def _hand_on(self, process: RecordingProcess) -> None:
        """Send what the buffer holds, for as long as the process takes it."""
        for chunk in chunks(self._popped_entries()):
            try:
                content = framed(frame_of(chunk))
            except Exception:  # one odd entry must not end the thread; its rows are counted
                n_rows = sum(entry.n_rows for entry in chunk)
                log.exception("%d rows could not be recorded", n_rows)
                self._heed(Ack(dropped=n_rows))
                continue
            while process.is_busy:
                self._wait(process)
            if process.code is not None:
                return
            process.send(content)

    def _popped_entries(self) -> Iterator[Entry]:
        while self._entries:
            entry = self._entries.popleft()
            self._popped += entry.n_rows
            yield entry

    def _wait(self, process: RecordingProcess) -> None:
        if self._is_given_up:
            process.kill()
        for ack in process.wait(TICK_S):
            self._heed(ack)

    def _heed(self, ack: Ack) -> None:
        self._settled += ack.recorded + ack.dropped
        self._n_recorded += ack.recorded
        self._metrics.recorded.inc(ack.recorded)
        self._metrics.dropped.inc(ack.dropped)
        self._metrics.store_errors.inc(ack.store_errors)
        self._metrics.lag.set(ack.lag_s)

    def _drop(self, code: int | None) -> None:
        """Count the rows that an ended process did not acknowledge, and all if a restart cannot help."""
        if code == FAULT:
            self._is_refused = True
            self._metrics.store_errors.inc()
            deque(self._popped_entries(), maxlen=0)
        n_rows = self._popped - self._settled
        if code:
            log.error("the recording process exited with %d: %d rows lost", code, n_rows)
        self._heed(Ack(dropped=n_rows))
