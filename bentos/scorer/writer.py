"""Turn scored rows into parts of the prediction log and snapshots of daily profiles, and put them.

Imported by the recorder's thread alone: it brings whylogs, pyarrow and the store's driver.
"""

import os
import re
import socket
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.scorer.recorder import Destination, Entry
from bentos.scorer.table import Table
from mooring.profiles.days import local_days
from mooring.profiles.engine import View
from mooring.profiles.merging import merged
from mooring.profiles.sketches import add_score, profile_blocks
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
        table, scores, models, times = self._together(entries)
        days = np.datetime_as_string(local_days(times, self._to.zone))
        ids = [name for entry in entries for name, n_rows in entry.asked for _ in range(n_rows)]
        places = [i for entry in entries for _, n_rows in entry.asked for i in range(n_rows)]
        common = {"request_id": ids, "row": places, "key": table.keys, "time": times}
        columns = self._to.layout.columns(table)
        answers = [(models, scores, True)]
        if self._to.routing.shadow is not None:
            digest = np.full(table.n_rows, self._to.routing.digests[1])
            answers.append((digest, self._to.routing.shadow.score(columns), False))
        logs = []
        for by, found, returned in answers:
            flags = np.full(table.n_rows, returned)
            logs.append(log.table(common | {"model": by, "returned": flags, "score": found}))
            for model in np.unique(by):
                here = by == model
                part = {name: values[here] for name, values in columns.items()}
                self._profile(str(model), part, found[here], days[here])
        self._log(pa.concat_tables(logs), np.tile(days, len(logs)))

    def put(self) -> int:
        """Put every pending part. Raises OSError; the rest stays pending."""
        n_put = 0
        while self._pending:
            directory, part, content, replaces = self._pending[0]
            self._store.put(directory, part, content)
            if replaces is not None:
                self._store.remove(directory, replaces)
            self._pending.pop(0)
            n_put += 1
        return n_put

    def _together(
        self, entries: Sequence[Entry]
    ) -> tuple[Table, NDArray[np.float64], NDArray[np.str_], NDArray[np.datetime64]]:
        tables = [entry.table for entry in entries]
        table = Table(
            np.concatenate([part.numbers for part in tables]),
            np.concatenate([part.texts for part in tables]),
            [key for part in tables for key in part.keys],
            [time for part in tables for time in part.times],
        )
        digests = np.array(self._to.routing.digests)
        by = [
            np.zeros(entry.table.n_rows, np.int8) if entry.scored.by is None else entry.scored.by
            for entry in entries
        ]
        arrivals = (entry.at for entry in entries for _ in range(entry.table.n_rows))
        seconds = [
            at if time is None else time.timestamp()
            for at, time in zip(arrivals, table.times, strict=True)
        ]
        micros = np.round(np.array(seconds) * 1e6).astype("datetime64[us]")
        scores = np.concatenate([entry.scored.scores for entry in entries])
        return table, scores, digests[np.concatenate(by)], micros

    def _log(self, table: pa.Table, days: NDArray[np.str_]) -> None:
        for day in np.unique(days):
            content = log.encode(table.filter(pa.array(days == day)))
            self._n_parts += 1
            part = Part.of(f"{self._replica}-log", self._n_parts, content, log.SUFFIX)
            self._pending.append(_Pending(f"{log.DIRECTORY}/{day}", part, content, None))

    def _profile(
        self,
        model: str,
        inputs: dict[str, Any],
        scores: NDArray[np.float64],
        days: NDArray[np.str_],
    ) -> None:
        columns, kinds = add_score(inputs, self._to.layout.kinds, scores)
        views = profile_blocks(columns, kinds, days, are_days=True, facts={"model": model})
        for day, view in views.items():
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
