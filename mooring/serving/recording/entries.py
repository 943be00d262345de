"""What was scored, as the path of requests hands it on, and its form for the process that writes it."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple, Self

import numpy as np

from mooring.serving.reading.table import Few, Layout, Table
from mooring.serving.recording.frames import SEPARATOR, Frame, Packed, joined, packed, unpacked
from mooring.serving.scored import Asked, Scored

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kept(NamedTuple):
    """Rows in the form of a frame: few objects, made while the rows are in the processor's cache."""

    numbers: bytes
    """(n, k) float64."""
    texts: Packed
    """(n, m), row by row, '' for missing."""
    keys: Sequence[str | None]
    """(n,)"""
    times: Sequence[datetime | None]
    """(n,)"""

    @classmethod
    def of(cls, table: Table) -> Self:
        """Return the rows of a table."""
        texts = [*chain.from_iterable(zip(*table.texts, strict=True))]
        return cls(table.numbers.tobytes(), packed(texts), [*table.keys], [*table.times])

    def rows(self, where: slice) -> "Kept":
        """Return the rows from one place to another."""
        n_rows = len(self.keys)
        width, texts = len(self.numbers) // n_rows, unpacked(self.texts)
        m = len(texts) // n_rows
        return Kept(
            self.numbers[where.start * width : where.stop * width],
            packed(texts[where.start * m : where.stop * m]),
            self.keys[where],
            self.times[where],
        )


class Keeper:
    """Makes of a few rows what is kept of them, at once: later it would come from beyond the cache."""

    def __init__(self, layout: Layout) -> None:
        self._k, self._n = len(layout.numbers), len(layout.names)
        self._is_timed = layout.time is not None
        self._pack = struct.Struct(f"{self._k}d").pack

    def kept(self, few: Few) -> Kept:
        """Return the rows."""
        k, n, pack, lines = self._k, self._n, self._pack, few.lines
        try:
            numbers = b"".join([pack(*line[:k]) for line in lines])
            texts = "\0".join([text for line in lines for text in line[k:n]]).encode()
        except (struct.error, TypeError, UnicodeEncodeError):  # a missing value, or an odd text
            return Kept.of(few.table())
        if texts.count(SEPARATOR) != max(len(lines) * (n - k) - 1, 0):
            return Kept.of(few.table())
        times = [line[n + 1] for line in lines] if self._is_timed else [None] * len(lines)
        return Kept(numbers, texts, [line[n] for line in lines], times)


class Entry(NamedTuple):
    """Rows that were scored together."""

    table: Table | Kept
    """A Table where they are many."""
    scored: Scored
    asked: Sequence[Asked]
    """The requests that they came with."""
    at: float
    """When they arrived, in seconds since 1970."""
    first: int = 0
    """The place of the first row in its request."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.scored.scores)

    def pieces(self, n_rows: int) -> Iterator["Entry"]:
        """Yield the entry in pieces of at most `n_rows`."""
        if self.n_rows <= n_rows:
            yield self
            return
        for start in range(0, self.n_rows, n_rows):
            yield self._piece(start, start + n_rows)

    def _piece(self, start: int, end: int) -> "Entry":
        asked: list[Asked] = []
        place = first = 0
        for name, n_rows in self.asked:
            low, high = max(start - place, 0), min(end - place, n_rows)
            if low < high:
                first = first if asked else low
                asked.append((name, high - low))
            place += n_rows
        table, scored = self.table.rows(slice(start, end)), self.scored.part(start, end)
        return Entry(table, scored, asked, self.at, first)


def chunks(entries: Iterable[Entry], n_rows: int) -> Iterator[list[Entry]]:
    """Yield entries, whole or in pieces, in lists of at most `n_rows` rows.

    Only the first entry of a list can begin in the middle of a request.
    """
    chunk: list[Entry] = []
    n_chunk = 0
    for entry in entries:
        for piece in entry.pieces(n_rows):
            if chunk and n_chunk + piece.n_rows > n_rows:
                yield chunk
                chunk, n_chunk = [], 0
            chunk.append(piece)
            n_chunk += piece.n_rows
    if chunk:
        yield chunk


def frame_of(chunk: Sequence[Entry]) -> Frame:
    """Return one list of `chunks` as a frame."""
    ids, counts = zip(*chain.from_iterable([entry.asked for entry in chunk]), strict=True)
    lines = [
        entry.table if isinstance(entry.table, Kept) else Kept.of(entry.table) for entry in chunk
    ]
    keys = [*chain.from_iterable([each.keys for each in lines])]
    times = [*chain.from_iterable([each.times for each in lines])]
    return Frame(
        n_rows=len(keys),
        numbers=b"".join([each.numbers for each in lines]),
        texts=joined([each.texts for each in lines]),
        keys=None if keys.count(None) == len(keys) else packed(keys),
        times=None if times.count(None) == len(times) else [*map(_microseconds, times)],
        scores=b"".join([entry.scored.scores.tobytes() for entry in chunk]),
        by=_by(chunk),
        ids=packed(ids),
        counts=list(counts),
        arrivals=[entry.at for entry in chunk for _ in entry.asked],
        first=chunk[0].first,
    )


def _microseconds(time: datetime | None) -> int | None:
    if time is None:
        return None
    since = time - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _by(chunk: Sequence[Entry]) -> bytes | None:
    given = [entry.scored.by for entry in chunk]
    if all(by is None for by in given):
        return None
    return b"".join(
        bytes(entry.n_rows) if by is None else by.astype(np.int8).tobytes()
        for entry, by in zip(chunk, given, strict=True)
    )
