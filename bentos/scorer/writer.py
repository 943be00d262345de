"""Turn scored rows into parts of the prediction log and snapshots of daily profiles, and put them.

Imported by the recorder's thread alone: it brings whylogs, pyarrow and the store's driver.
"""

import os
import re
import socket
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.scorer.recorder import Destination, Entry
from bentos.scorer.table import Table
from mooring.profiles.days import local_days
from mooring.profiles.engine import View
from mooring.profiles.merging import merged
from mooring.profiles.sketches import add_score, profile_columns
from mooring.records import log, snapshots
from mooring.records.parts import Part
from mooring.records.store import Store

MAX_OPEN = 64
"""Profiles that are kept in memory to be added to; a day beyond starts another stream."""


class _Open:
    """The profile of one model and day so far."""

    def __init__(self, stream: str) -> None:
        self.stream, self.number = stream, 0
        self.view: View | None = None
        self.last: Part | None = None


class _Pending(NamedTuple):
    directory: str
    part: Part
    content: bytes
    replaces: Part | None


def open_writer(destination: Destination) -> "Writer":
    """Return a writer whose streams no other process or start has. Raises EnvironmentFault."""
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40] or "host"
    return Writer(destination, f"{host}-{os.getpid()}-{os.urandom(6).hex()}")


class Writer:
    """Writes one worker's records."""

    def __init__(self, destination: Destination, replica: str) -> None:
        self._to, self._replica = destination, replica
        self._store = Store(destination.url)
        self._open: OrderedDict[tuple[str, str], _Open] = OrderedDict()
        self._n_parts = self._n_streams = 0
        self._pending: list[_Pending] = []

    def take(self, entries: Sequence[Entry]) -> None:
        """Make the parts of these entries; nothing is put yet."""
        batch = _together(entries)
        days = local_days(batch.times, self._to.zone)
        columns = self._to.layout.columns(batch.table)
        answers = [(batch.by, batch.scores, True)]
        if self._to.routing.shadow is not None:
            second = np.ones(batch.table.n_rows, np.int8)
            answers.append((second, self._to.routing.shadow.score(columns), False))
        names = {day: str(day) for day in np.unique(days)}
        for by, scores, returned in answers:
            lines = self._lines(batch, by, scores, returned)
            for day, name in names.items():
                of_day = _where(days == day)
                self._log(lines.take(of_day) if of_day is not None else lines, name)
            for code in np.unique(by):
                for day, name in names.items():
                    rows = _where((by == code) & (days == day))
                    self._profile(self._to.routing.digests[code], name, columns, scores, rows)

    def put(self) -> None:
        """Put every pending part. Raises OSError; the rest stays pending."""
        while self._pending:
            directory, part, content, replaces = self._pending[0]
            self._store.put(directory, part, content)
            if replaces is not None:
                self._store.remove(directory, replaces)
            self._pending.pop(0)

    def _lines(
        self, batch: "_Batch", by: NDArray[np.int8], scores: NDArray[np.float64], returned: bool
    ) -> pa.Table:
        digests = pa.array(self._to.routing.digests)
        return log.table(
            {
                "request_id": batch.ids,
                "row": batch.places,
                "key": batch.table.keys,
                "model": pa.DictionaryArray.from_arrays(pa.array(by), digests).cast(pa.string()),
                "returned": np.full(len(by), returned),
                "score": scores,
                "time": batch.times,
            }
        )

    def _log(self, lines: pa.Table, day: str) -> None:
        content = log.encode(lines)
        self._n_parts += 1
        part = Part.of(f"{self._replica}-log", self._n_parts, content, log.SUFFIX)
        self._pending.append(_Pending(f"{log.DIRECTORY}/{day}", part, content, None))

    def _profile(
        self,
        model: str,
        day: str,
        inputs: dict[str, Any],
        scores: NDArray[np.float64],
        rows: NDArray[np.intp] | None,
    ) -> None:
        """Add rows, None for all, to the profile of a model and day; no rows make no profile."""
        columns, kinds = add_score(inputs, self._to.layout.kinds, scores)
        if rows is not None:
            if not len(rows):
                return
            columns = {name: values[rows] for name, values in columns.items()}
        facts = {"model": model}
        view = profile_columns(columns, kinds, day=date.fromisoformat(day), facts=facts)
        opened = self._opened(model, day)
        opened.view = view if opened.view is None else merged([opened.view, view])
        opened.number += 1
        content: bytes = opened.view.serialize()
        part = Part.of(opened.stream, opened.number, content, snapshots.SUFFIX)
        directory = f"{snapshots.DIRECTORY}/{model}/{day}"
        self._pending.append(_Pending(directory, part, content, opened.last))
        opened.last = part

    def _opened(self, model: str, day: str) -> _Open:
        found = self._open.get((model, day))
        if found is None:
            self._n_streams += 1
            found = self._open[model, day] = _Open(f"{self._replica}-{self._n_streams}")
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end((model, day))
        return found


class _Batch(NamedTuple):
    """The rows of several entries, (n,) each."""

    table: Table
    scores: NDArray[np.float64]
    by: NDArray[np.int8]
    times: NDArray[np.datetime64]
    """In UTC: the data's own, or of arrival."""
    ids: pa.Array
    places: NDArray[np.int32]


def _together(entries: Sequence[Entry]) -> _Batch:
    sizes = [entry.n_rows for entry in entries]
    table = Table(
        np.concatenate([entry.numbers for entry in entries]),
        np.concatenate([entry.texts for entry in entries]),
        [key for entry in entries for key in entry.keys or (None,) * entry.n_rows],
        [time for entry in entries for time in entry.times or (None,) * entry.n_rows],
    )
    seconds = np.repeat([entry.at for entry in entries], sizes)
    for position, time in enumerate(table.times):
        if time is not None:
            seconds[position] = time.timestamp()
    by = [np.zeros(entry.n_rows, np.int8) if entry.by is None else entry.by for entry in entries]
    names = [name for entry in entries for name in entry.names]
    counts = np.array([n_rows for entry in entries for n_rows in entry.counts])
    request = np.repeat(np.arange(len(names), dtype=np.int32), counts)
    return _Batch(
        table,
        np.concatenate([entry.scores for entry in entries]),
        np.concatenate(by),
        np.round(seconds * 1e6).astype("datetime64[us]"),
        pa.DictionaryArray.from_arrays(request, names).cast(pa.string()),
        (np.arange(len(request)) - np.repeat(np.cumsum(counts) - counts, counts)).astype(np.int32),
    )


def _where(mask: NDArray[np.bool_]) -> NDArray[np.intp] | None:
    """Return the positions of a mask, None where it is all of them."""
    return None if mask.all() else np.flatnonzero(mask)
