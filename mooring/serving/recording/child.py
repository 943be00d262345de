"""The recording process of one worker: frames from standard input, acknowledgements to standard output.

A worker starts it by its name; until it runs, nothing heavy is imported here. Only the pipe ties it to its
worker: when the pipe ends, for whatever reason, the process writes what it has received, for at most drain_s,
and ends.
"""

import gc
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Protocol

import msgspec

from mooring.errors import MooringError
from mooring.serving.recording.frames import FAULT, Ack, Destination, Frame, ack_bytes, read_framed
from mooring.serving.telemetry.logs import configure

NICENESS = 10
"""On a busy core it gets a tenth of the time of requests, more than records need."""
WORK_S, REST_S = 0.0005, 0.001
"""The writer rests once it has worked this long. While it works, however nice, requests on the same core may
wait for the end of its time slice, which is 4 ms on Linux."""
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 30.0
log = logging.getLogger("bentoml.scorer")


class Writes(Protocol):
    """A writer of frames."""

    def take(self, frames: Sequence[Frame]) -> Iterator[None]:
        """Make parts of the frames, for `put`; yield after each piece of that work."""

    def put(self) -> None:
        """Put every part that is not in the store yet.

        Raises OSError if the store refuses; the next call tries the rest again.
        """


class WriterThread:
    """Takes frames from one thread, and writes them from another."""

    def __init__(
        self, writer: Writes, destination: Destination, acknowledge: Callable[[Ack], None]
    ) -> None:
        self._writer, self._to, self._acknowledge = writer, destination, acknowledge
        self._frames: deque[Frame] = deque()
        self._taken = self._begun = self._written = 0  # rows; each is counted by one thread alone
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Start the thread that writes."""
        self._thread.start()

    def take(self, frame: Frame) -> None:
        """Keep one frame until it is written."""
        self._frames.append(frame)
        self._taken += frame.n_rows
        if self._taken - self._begun >= self._to.flush_rows:
            self._wake.set()

    def close(self) -> int:
        """Write what is left, for at most drain_s; return how many rows could not be written."""
        self._stop.set()
        self._wake.set()
        self._thread.join(self._to.drain_s)
        return self._taken - self._written

    def _run(self) -> None:
        while self._frames or not self._stop.is_set():
            self._wake.wait(self._to.flush_s)
            self._wake.clear()
            if self._frames:
                self._write([self._frames.popleft() for _ in range(len(self._frames))])

    def _write(self, frames: Sequence[Frame]) -> None:
        n_rows = sum(frame.n_rows for frame in frames)
        self._begun += n_rows
        try:
            self._take_in_pieces(frames)
            self._put(frames[0].arrivals[0])
            done = Ack(recorded=n_rows)
        except Exception:  # one odd frame must not end the thread; its rows are counted
            log.exception("%d rows could not be recorded", n_rows)
            done = Ack(dropped=n_rows)
        self._written += n_rows
        self._acknowledge(done)

    def _take_in_pieces(self, frames: Sequence[Frame]) -> None:
        rested = time.perf_counter()
        for _ in self._writer.take(frames):
            if time.perf_counter() - rested >= WORK_S:
                self._stop.wait(REST_S)
                rested = time.perf_counter()

    def _put(self, oldest: float) -> None:
        """Put the writer's parts, retrying until the store takes them."""
        pause_s = FIRST_RETRY_S
        self._tell(oldest)
        while True:
            stopping = self._stop.is_set()
            try:
                self._writer.put()
                return
            except OSError as error:
                log.error("the store refuses the records, trying again: %s", error)
                self._tell(oldest, n_errors=1)
            if stopping:
                time.sleep(FIRST_RETRY_S)
            else:
                self._stop.wait(pause_s)  # a pause of half a minute must not cost the last rows
                pause_s = min(2 * pause_s, LAST_RETRY_S)

    def _tell(self, oldest: float, n_errors: int = 0) -> None:
        lag_s = max(0.0, time.time() - oldest)
        self._acknowledge(Ack(store_errors=n_errors, lag_s=lag_s))


def main() -> int:
    """Write incoming frames until the input ends; return 0, FAULT, or 1 if rows could not be written."""
    acknowledge = _take_stdout()
    logging.basicConfig()
    configure()
    frames = read_framed(sys.stdin.buffer)
    head = next(frames, None)
    if head is None:  # the worker has ended already
        return 0
    destination = msgspec.msgpack.decode(head, type=Destination)
    try:  # imports whylogs and pyarrow
        writer = import_module("mooring.serving.recording.writer").open_writer(destination)
    except MooringError as error:
        log.error("nothing is recorded: %s", error)
        return FAULT
    # Not before the imports, which would take so long on a busy core that rows are lost.
    os.nice(NICENESS)
    gc.freeze()  # imported objects need not be scanned again
    thread = WriterThread(writer, destination, acknowledge)
    thread.start()
    decode = msgspec.msgpack.Decoder(Frame).decode
    for frame in frames:
        thread.take(decode(frame))
    lost = thread.close()
    if lost:
        log.error("%d rows were not recorded within %g s", lost, destination.drain_s)
    return int(lost > 0)


def _take_stdout() -> Callable[[Ack], None]:
    """Keep standard output for acknowledgements; what a library prints goes to standard error."""
    to_worker = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def acknowledge(ack: Ack) -> None:
        with suppress(BrokenPipeError):  # the worker is gone; its rows are still written
            os.write(to_worker, ack_bytes(ack))

    return acknowledge


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # the thread may hang in a dead store
