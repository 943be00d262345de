"""Keep what was scored, off the path of requests: a bounded buffer, and one thread that writes it.

The path appends one entry a batch, and never waits: where the buffer is full the rows are dropped and
counted. Everything heavy (whylogs, pyarrow, the store) is imported and done in the thread.
"""

import gc
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from bentos.scorer.metrics import Metrics
from bentos.scorer.pool import Asked
from bentos.scorer.routing import Routing, Scored
from bentos.scorer.table import Floats, Layout, Table, Texts
from mooring.config.serving import Records
from mooring.errors import EnvironmentFault, MooringError

T = TypeVar("T")
log = logging.getLogger("bentoml.scorer")
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 30.0


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
            "names no place for the records",
            where="MOORING_STORE",
            expected="an absolute path, a URL, or off",
            got=url,
            mend=f"set MOORING_STORE to {Path('/path/to') / url}",
        )
    return url


def settle() -> None:
    """Collect garbage only when asked to, and leave what has been imported and loaded so far out of it.

    Python collects when many objects were made, and looks through all the rows that wait to be written
    while requests wait: up to 70 ms, seen at 4,500 requests a second.
    """
    gc.disable()
    gc.collect()
    gc.freeze()


class Entry(NamedTuple):
    """Rows that were scored together, as one object that the garbage collector need not look into."""

    numbers: Floats
    texts: Texts
    keys: tuple[str | None, ...] | None
    """None where no row has one."""
    times: tuple[datetime | None, ...] | None
    """None where no row has one."""
    scores: Floats
    by: NDArray[np.int8] | None
    names: tuple[str, ...]
    """The ids of the requests."""
    counts: tuple[int, ...]
    """The rows of each request."""
    at: float
    """When they arrived, in seconds since 1970."""

    @classmethod
    def of(cls, table: Table, scored: Scored, asked: Sequence[Asked], at: float) -> Self:
        """Return the entry of scored rows that came with these requests, at this time."""
        names, counts = zip(*asked, strict=True)
        keys, times = _given(table.keys), _given(table.times)
        return cls(table.numbers, table.texts, keys, times, *scored, names, counts, at)

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.scores)


def _given(values: Sequence[T | None]) -> tuple[T | None, ...] | None:
    return None if values.count(None) == len(values) else tuple(values)


class Destination(NamedTuple):
    """What a writer needs to know."""

    url: str
    """Of the store."""
    layout: Layout
    zone: str
    """Whose days the records are kept by."""
    routing: Routing


class Writes(Protocol):
    """What the thread hands its entries to."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Make parts of the entries, to be put."""

    def put(self) -> None:
        """Put every part that is not there yet.

        Raises OSError where the store refuses; what is not there yet is tried again by the next call.
        """


class Recorder:
    """Appends from the event loop, writes from a thread of its own."""

    def __init__(
        self, open_writer: Callable[[], Writes], records: Records, metrics: Metrics
    ) -> None:
        """`open_writer` is called by the thread; it may be slow, and raise MooringError."""
        self._open_writer, self._records, self._metrics = open_writer, records, metrics
        self._entries: deque[Entry] = deque()
        self._appended = self._taken = 0  # rows; each is written by one thread alone
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def append(self, entry: Entry) -> None:
        """Keep one entry, or drop it and count its rows where the buffer is full."""
        n_rows = entry.n_rows
        n_buffered = self._appended - self._taken + n_rows
        if n_buffered > self._records.buffer_rows:
            self._metrics.dropped.inc(n_rows)
            return
        self._entries.append(entry)
        self._appended += n_rows
        if n_buffered >= self._records.flush_rows:
            self._wake.set()

    def close(self) -> int:
        """Write what is left, for at most drain_s; return how many rows could not be written."""
        self._stop.set()
        self._wake.set()
        self._thread.join(self._records.drain_s)
        lost = self._appended - self._taken
        if lost:
            log.error("%d rows were not recorded within %g s", lost, self._records.drain_s)
        return lost

    def _run(self) -> None:
        try:
            writer = self._open_writer()
            settle()
        except MooringError as error:
            log.error("nothing is recorded: %s", error)
            self._metrics.store_errors.inc()
            return
        while self._entries or not self._stop.is_set():
            self._wake.wait(self._records.flush_s)
            self._wake.clear()
            if self._entries:
                self._write(writer)
            self._metrics.lag.set(0)

    def _write(self, writer: Writes) -> None:
        entries = [self._entries.popleft() for _ in range(len(self._entries))]
        n_rows = sum(entry.n_rows for entry in entries)
        try:
            writer.take(entries)
            self._put(writer, entries[0].at)
            self._metrics.recorded.inc(n_rows)
        except Exception:  # one odd batch must not end the thread; its rows are counted
            log.exception("%d rows could not be recorded", n_rows)
            self._metrics.dropped.inc(n_rows)
        self._taken += n_rows

    def _put(self, writer: Writes, oldest: float) -> None:
        """Put the writer's parts, again and again until the store takes them."""
        pause_s = FIRST_RETRY_S
        while True:
            self._metrics.lag.set(max(0.0, time.time() - oldest))
            stopping = self._stop.is_set()
            try:
                writer.put()
                return
            except OSError as error:
                self._metrics.store_errors.inc()
                log.error("the store does not take the records, trying again: %s", error)
            if stopping:
                time.sleep(FIRST_RETRY_S)
            else:
                self._stop.wait(pause_s)  # a pause of half a minute must not cost the last rows
                pause_s = min(2 * pause_s, LAST_RETRY_S)
