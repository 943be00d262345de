"""Scored rows as a request leaves them with the recorder, and how they become frames."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import nan
from typing import NamedTuple

import numpy as np

from mooring.features.texts import DictionaryColumn
from mooring.serving.reading.parsed import ParsedColumns, ParsedRows, Row, RowLayout
from mooring.serving.recording.frames import Frame, Packed, joined, packed
from mooring.serving.scored import Asked, Scored

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
MAX_PACKED_ROWS = 256
"""Up to this many rows of an entry are packed one by one, and share a frame with others: making it takes
less than 0.3 ms of the interpreter's time."""
MAX_FRAME_ROWS = 2048
"""More rows are packed column by column, this many in a frame, in the same time."""


class PackedRows(NamedTuple):
    """Rows in the form of a frame: few objects, made while the rows are in the processor's cache."""

    numbers: bytes
    """(n, k) float64."""
    texts: Packed
    """(n, m), row by row, '' for missing."""
    keys: Sequence[str | None]
    """(n,)"""
    times: Sequence[datetime | None]
    """(n,)"""


class RowPacker:
    """Packs rows at once: later they would no longer be in the cache."""

    def __init__(self, layout: RowLayout) -> None:
        self._k, self._n = len(layout.numbers), len(layout.names)
        self._is_timed = layout.time is not None
        self._pack = struct.Struct(f"{self._k}d").pack

    def packed(self, rows: ParsedRows | ParsedColumns) -> PackedRows:
        """Return the rows."""
        if isinstance(rows, ParsedColumns):
            return _packed_columns(rows)
        k, n, pack, lines = self._k, self._n, self._pack, rows.of
        try:
            numbers = b"".join([pack(*line[:k]) for line in lines])
        except struct.error:  # one is missing
            numbers = b"".join([pack(*_with_nan(line[:k])) for line in lines])
        texts = packed([text or "" for line in lines for text in line[k:n]])
        times = [line[n + 1] for line in lines] if self._is_timed else [None] * len(lines)
        return PackedRows(numbers, texts, [line[n] for line in lines], times)


def _packed_columns(columns: ParsedColumns) -> PackedRows:
    texts = chain.from_iterable(
        zip(*[column.texts() for column in columns.categories], strict=True)
    )
    return PackedRows(_by_row(columns), packed([*texts]), columns.keys, columns.times)


def _by_row(columns: ParsedColumns) -> bytes:
    return np.ascontiguousarray(columns.numbers.T).tobytes()


def _with_nan(numbers: Row) -> Iterator[float]:
    return (nan if number is None else number for number in numbers)


class Entry(NamedTuple):
    """Rows that were scored together."""

    rows: PackedRows | ParsedColumns
    """Columns if there are more than MAX_PACKED_ROWS."""
    scored: Scored
    asked: Sequence[Asked]
    """The requests that they came with."""
    at: float
    """When they arrived, in seconds since 1970."""
    first: int = 0
    """The position of the first row in its request."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.scored.scores)

    def pieces(self, n_rows: int) -> "Iterator[Entry]":
        """Yield columns in pieces of at most `n_rows`."""
        if self.n_rows <= n_rows:
            yield self
            return
        for start in range(0, self.n_rows, n_rows):
            yield self._piece(start, start + n_rows)

    def _piece(self, start: int, end: int) -> "Entry":
        assert isinstance(self.rows, ParsedColumns)
        asked: list[Asked] = []
        place = first = 0
        for name, n_rows in self.asked:
            low, high = max(start - place, 0), min(end - place, n_rows)
            if low < high:
                first = first if asked else low
                asked.append((name, high - low))
            place += n_rows
        rows, scored = self.rows.rows(slice(start, end)), self.scored.part(start, end)
        return Entry(rows, scored, asked, self.at, first)


def chunks(
    entries: Iterable[Entry], n_packed: int = MAX_PACKED_ROWS, n_columns: int = MAX_FRAME_ROWS
) -> Iterator[list[Entry]]:
    """Yield entries in lists, one for each frame: packed rows together, columns alone and in pieces.

    A list holds at most `n_packed` rows, or those of the one entry that has more; a piece `n_columns`.
    """
    chunk: list[Entry] = []
    n_chunk = 0
    for entry in entries:
        is_packed = isinstance(entry.rows, PackedRows)
        if chunk and not (is_packed and n_chunk + entry.n_rows <= n_packed):
            yield chunk
            chunk, n_chunk = [], 0
        if is_packed:
            chunk.append(entry)
            n_chunk += entry.n_rows
        else:
            yield from ([piece] for piece in entry.pieces(n_columns))
    if chunk:
        yield chunk


def frame_of(chunk: Sequence[Entry]) -> Frame:
    """Return one list of `chunks` as a frame."""
    if isinstance(chunk[0].rows, ParsedColumns):
        rows, indices = _with_dictionary(chunk[0].rows)
    else:
        rows, indices = _together(chunk), None
    asked = [request for entry in chunk for request in entry.asked]
    return Frame(
        n_rows=len(rows.keys),
        numbers=rows.numbers,
        texts=rows.texts,
        indices=indices,
        keys=None if rows.keys.count(None) == len(rows.keys) else packed(rows.keys),
        times=_microseconds(rows.times),
        scores=b"".join([entry.scored.scores.tobytes() for entry in chunk]),
        by=_by(chunk),
        ids=packed([name for name, _ in asked]),
        counts=[n_rows for _, n_rows in asked],
        arrivals=[entry.at for entry in chunk for _ in entry.asked],
        first=chunk[0].first,
    )


def _together(chunk: Sequence[Entry]) -> PackedRows:
    """Return the rows of packed entries."""
    numbers: list[bytes] = []
    texts: list[Packed] = []
    keys: list[str | None] = []
    times: list[datetime | None] = []
    for entry in chunk:
        of_numbers, of_texts, of_keys, of_times = entry.rows
        numbers.append(of_numbers)  # type: ignore[arg-type]  # columns come alone
        texts.append(of_texts)  # type: ignore[arg-type]
        keys += of_keys
        times += of_times
    return PackedRows(b"".join(numbers), joined(texts), keys, times)


def _with_dictionary(columns: ParsedColumns) -> tuple[PackedRows, bytes]:
    texts: list[str] = []
    indices = np.empty((len(columns.categories), columns.n_rows), np.int32)
    for position, column in enumerate(columns.categories):
        if not isinstance(column, DictionaryColumn) or len(column.different) > columns.n_rows:
            column = DictionaryColumn.of(column.texts())  # without the texts of other pieces
        indices[position] = column.indices + len(texts)
        texts += column.different
    rows = PackedRows(_by_row(columns), packed(texts), columns.keys, columns.times)
    return rows, indices.tobytes()


def _microseconds(times: Sequence[datetime | None]) -> list[int | None] | None:
    """Return times since 1970, None if no row has one."""
    if times.count(None) == len(times):
        return None
    return [None if time is None else (time - EPOCH) // MICROSECOND for time in times]


def _by(chunk: Sequence[Entry]) -> bytes | None:
    given = [entry.scored.by for entry in chunk]
    if all(by is None for by in given):
        return None
    return b"".join(
        bytes(entry.n_rows) if by is None else by.astype(np.int8).tobytes()
        for entry, by in zip(chunk, given, strict=True)
    )
