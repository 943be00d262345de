"""What was scored, as the path of requests hands it on, and its form for the process that writes it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple

import numpy as np

from bentos.scorer.frames import Frame, packed
from bentos.scorer.pool import Asked
from bentos.scorer.routing import Scored
from bentos.scorer.table import Table

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(NamedTuple):
    """Rows that were scored together."""

    table: Table
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
    keys = list(chain.from_iterable([entry.table.keys for entry in chunk]))
    times = list(chain.from_iterable([entry.table.times for entry in chunk]))
    texts = np.concatenate([entry.table.texts for entry in chunk]).T.tolist()
    return Frame(
        n_rows=len(keys),
        numbers=np.concatenate([entry.table.numbers for entry in chunk]).T.tobytes(),
        texts=[packed(column) for column in texts],
        keys=None if keys.count(None) == len(keys) else packed(keys),
        times=None if times.count(None) == len(times) else [*map(_microseconds, times)],
        scores=np.concatenate([entry.scored.scores for entry in chunk]).tobytes(),
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
