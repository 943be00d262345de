"""Turn scored rows into parts of the prediction log and snapshots of daily profiles, and put them.

Only the recording process imports it, since it imports whylogs, pyarrow and the store's driver.
"""

import os
import re
import socket
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mooring.days import local_days
from mooring.profiles.engine import View
from mooring.profiles.merging import merged, side_by_side
from mooring.profiles.segments import kinds_with_segments, with_segments
from mooring.profiles.sketches import add_score, profile_columns
from mooring.profiles.values import Kind
from mooring.profiles.writing import writing
from mooring.records import log, snapshots
from mooring.records.parts import Part
from mooring.records.store import Store
from mooring.serving.recording.batch import Batch
from mooring.serving.recording.frames import Destination, Frame, ShadowModel

Score = Callable[[Mapping[str, NDArray[Any]]], NDArray[np.float64]]
PIECE_ROWS = 1024
"""The number of rows unpacked at once, in about half a millisecond."""
MAX_OPEN = 64
"""The most profiles kept in memory to add rows to; one more day starts another stream."""


class _Open:
    """The profile of one model and day so far."""

    def __init__(self, stream: str) -> None:
        self.stream, self.number = stream, 0
        self.parts: dict[str, View] = {}
        """By column; empty at first."""
        self.last: Part | None = None


class _Pending(NamedTuple):
    directory: str
    part: Part
    content: bytes
    replaces: Part | None


def open_writer(destination: Destination) -> "Writer":
    """Return a writer whose streams are its own, not another process's.

    Raises EnvironmentFault for the store, IntegrityError for the shadow model.
    """
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40] or "host"
    replica = f"{host}-{os.getpid()}-{os.urandom(6).hex()}"
    shadow = None if destination.shadow is None else _score_of(destination.shadow)
    return Writer(destination, replica, shadow)


def _score_of(model: ShadowModel) -> Score:
    proved = import_module("mooring.serving.proof").proved  # brings ONNX Runtime
    score: Score = proved(Path(model.directory), model.digest, model.atol).score
    return score


class Writer:
    """Writes one worker's records."""

    def __init__(self, destination: Destination, replica: str, shadow: Score | None) -> None:
        """`shadow` scores all rows too, as the model of the last of the destination's digests."""
        self._to, self._replica, self._shadow = destination, replica, shadow
        self._kinds: dict[str, Kind] = dict.fromkeys(destination.numbers, "number")
        self._kinds |= dict.fromkeys(destination.categories, "category")
        self._digests = pa.array(destination.digests)
        self._store = Store(destination.url)
        self._open: OrderedDict[tuple[str, str], _Open] = OrderedDict()
        self._n_parts = self._n_streams = 0
        self._pending: list[_Pending] = []

    def take(self, frames: Sequence[Frame]) -> Iterator[None]:
        """Make the parts of these frames, and yield after each piece of that work; nothing is put yet."""
        batches, shadow_scores = [], []
        for some in _pieces(frames):
            batches.append(Batch.of(some, self._to))
            yield
            if self._shadow is not None:
                shadow_scores.append(self._shadow(batches[-1].columns))
                yield
        batch = yield from Batch.joined(batches)
        days = local_days(batch.times, self._to.zone)
        answers = [(batch.by, batch.scores, True)]
        if shadow_scores:
            last = np.full(batch.n_rows, len(self._digests) - 1, np.int8)
            answers.append((last, np.concatenate(shadow_scores), False))
        names = {day: str(day) for day in np.unique(days)}
        for by, scores, returned in answers:
            yield
            lines = self._lines(batch, by, scores, returned)
            for day, name in names.items():
                of_day = _where(days == day)
                yield from self._log(lines.take(of_day) if of_day is not None else lines, name)
            for code in np.unique(by):
                for day, name in names.items():
                    rows = _where((by == code) & (days == day))
                    yield from self._profile(
                        self._to.digests[code], name, batch.columns, scores, rows
                    )

    def put(self) -> None:
        """Put every pending part. Raises OSError; the rest stays pending."""
        while self._pending:
            directory, part, content, replaces = self._pending[0]
            self._store.put(directory, part, content)
            if replaces is not None:
                self._store.remove(directory, replaces)
            self._pending.pop(0)

    def _lines(
        self, batch: Batch, by: NDArray[np.int8], scores: NDArray[np.float64], returned: bool
    ) -> pa.Table:
        models = pa.DictionaryArray.from_arrays(pa.array(by), self._digests)
        return log.table(
            {
                "request_id": batch.ids,
                "row": batch.places,
                "key": batch.keys,
                "model": models.cast(pa.string()),
                "returned": np.full(len(by), returned),
                "score": scores,
                "time": batch.times,
            }
        )

    def _log(self, lines: pa.Table, day: str) -> Iterator[None]:
        content = yield from log.encode(lines)
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
    ) -> Iterator[None]:
        """Add rows, None for all, to the profile of a model and day; without rows there is no profile."""
        columns, kinds = add_score(inputs, self._kinds, scores)
        if rows is not None:
            if not len(rows):
                return
            columns = {name: values[rows] for name, values in columns.items()}
        if self._to.segments:
            columns = with_segments(columns, self._to.segments)
            kinds = kinds_with_segments(kinds, self._to.segments)
        yield
        opened, parts = self._opened(model, day), {}
        at, facts = date.fromisoformat(day), {"model": model}
        for name, kind in kinds.items():
            view = profile_columns({name: columns[name]}, {name: kind}, day=at, facts=facts)
            parts[name] = merged([opened.parts[name], view]) if opened.parts else view
            yield
        opened.parts = parts
        opened.number += 1
        content = yield from writing(side_by_side([*parts.values()]))
        part = Part.of(opened.stream, opened.number, content, snapshots.SUFFIX)
        directory = f"{snapshots.DIRECTORY}/{model}/{day}"
        self._pending.append(_Pending(directory, part, content, opened.last))
        opened.last = part

    def _opened(self, model: str, day: str) -> _Open:
        opened = self._open.get((model, day))
        if opened is None:
            self._n_streams += 1
            opened = self._open[model, day] = _Open(f"{self._replica}-{self._n_streams}")
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end((model, day))
        return opened


def _pieces(frames: Sequence[Frame]) -> Iterator[list[Frame]]:
    """Yield frames in lists of at most PIECE_ROWS rows, or of one frame."""
    piece: list[Frame] = []
    n_rows = 0
    for frame in frames:
        if piece and n_rows + frame.n_rows > PIECE_ROWS:
            yield piece
            piece, n_rows = [], 0
        piece.append(frame)
        n_rows += frame.n_rows
    yield piece


def _where(mask: NDArray[np.bool_]) -> NDArray[np.intp] | None:
    """Return the positions of a mask, None if it is all of them."""
    return None if mask.all() else np.flatnonzero(mask)
