"""Rows as the scorer records them, without a model: what tests of the recorder, its process and its
writer begin with."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mooring.features.texts import text_column
from mooring.records import log
from mooring.records.snapshots import read_sketches
from mooring.serving.reading.parsed import ParsedColumns, RowLayout
from mooring.serving.recording.entries import MAX_PACKED_ROWS, Entry, RowPacker, chunks, frame_of
from mooring.serving.recording.frames import Destination, Frame
from mooring.serving.scored import Scored
from tests.serving.reading.test_rows import schema

LAYOUT = RowLayout(schema())
PACKER = RowPacker(LAYOUT)
NOON = datetime(2013, 5, 1, 16, tzinfo=UTC).timestamp()
DAY = date(2013, 5, 1)
ONLY, CHAMPION = "a" * 64, "c" * 64


def entry(first: int, n_rows: int, at: float = NOON, times: Any = None, by: Any = None) -> Entry:
    """Return the rows `first` to `first + n_rows` of one request, named by their number."""
    columns = parsed(first, n_rows, times)
    scored = Scored(np.arange(first, first + n_rows) / 1e6, by)
    rows = PACKER.packed(columns) if n_rows <= MAX_PACKED_ROWS else columns
    return Entry(rows, scored, [(f"r{first}", n_rows)], at)


def parsed(first: int, n_rows: int, times: Any = None) -> ParsedColumns:
    """Return the rows `first` to `first + n_rows` as a request holds them."""
    numbers = np.arange(first, first + n_rows) + np.zeros((len(LAYOUT.numbers), 1))
    texts = [text_column(["Rye"] * n_rows) for _ in LAYOUT.categories]
    keys = [f"k{number}" for number in range(first, first + n_rows)]
    return ParsedColumns(numbers, texts, keys, times or [None] * n_rows)


def frame(*entries: Entry) -> Frame:
    """Return entries as one frame."""
    (only,) = frames(*entries)
    return only


def frames(*entries: Entry) -> list[Frame]:
    """Return entries as the frames that they are sent in."""
    return [frame_of(chunk) for chunk in chunks(entries)]


def destination(url: Path | str, digests: Sequence[str] = (ONLY,), **changes: Any) -> Destination:
    """Return a store to which little is written often."""
    settings = {
        "shadow": None,
        "segments": {},
        "flush_rows": 100,
        "flush_s": 0.02,
        "drain_s": 20.0,
    } | changes
    return Destination(
        url=str(url),
        numbers=LAYOUT.numbers,
        categories=LAYOUT.categories,
        zone="America/New_York",
        digests=list(digests),
        **settings,
    )


def profiled(url: Path | str, model: str = ONLY) -> dict[date, int]:
    """Return how many rows the newest snapshots of each day hold."""
    found: Counter[date] = Counter()
    for day, _, profile in read_sketches(str(url), model):
        found[day] += profile["x"].rows
    return dict(found)


def log_file(lines: pa.Table) -> bytes:
    """Return lines of the prediction log as one part."""
    pieces = log.encode(lines)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return bytes(end.value)
