"""Frames: what a worker sends of its rows is what the writing process reads, to the last bit."""

import io
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.serving.reading.table import Few, Table
from mooring.serving.recording.batch import Batch
from mooring.serving.recording.entries import Entry, Keeper, Kept, chunks, frame_of
from mooring.serving.recording.frames import (
    ACK_BYTES,
    Ack,
    Frame,
    ack_bytes,
    acks_of,
    framed,
    packed,
    read_framed,
)
from mooring.serving.scored import Scored
from tests.support.records import LAYOUT, destination, entry

TO = destination("/nowhere")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1971, 1, 2), datetime(2199, 12, 30), timezones=offsets)
keys = st.none() | texts.filter(bool)
numbers = st.floats(allow_nan=True, allow_infinity=True)
models = st.integers(0, 1)


@st.composite
def entries(draw: Any) -> list[Entry]:
    names = (f"r{number}" for number in count())
    return [_entry(draw, names) for _ in range(draw(st.integers(1, 4)))]


def _entry(draw: Any, names: Any) -> Entry:
    asked = [(next(names), n) for n in draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))]
    n = sum(n_rows for _, n_rows in asked)

    def several(values: Any, size: int = n) -> Any:
        return draw(st.lists(values, min_size=size, max_size=size))

    k, m = len(LAYOUT.numbers), len(LAYOUT.categories)
    matrix = np.array(several(numbers, n * k)).reshape(n, k)
    words = [several(texts) for _ in range(m)]
    given_keys = several(keys) if draw(st.booleans()) else [None] * n
    given_times = several(st.none() | times) if draw(st.booleans()) else [None] * n
    by = np.array(several(models), np.int8) if draw(st.booleans()) else None
    table = Table(matrix, words, given_keys, given_times)
    scored = Scored(np.array(several(st.floats(0, 1))), by)
    at = draw(st.floats(1e9, 4e9).map(lambda seconds: round(seconds, 3)))
    return Entry(table, scored, asked, at)


def sent(given: list[Entry], n_rows: int) -> Batch:
    """Return entries as they arrive on the other side of a pipe."""
    content = b"".join(framed(frame_of(chunk)) for chunk in chunks(given, n_rows))
    decode = msgspec.msgpack.Decoder(Frame).decode
    return Batch.of([decode(frame) for frame in read_framed(io.BytesIO(content))], TO)


def instants(given: list[Entry]) -> list[int]:
    """Return the time of each row in microseconds: its own, or of its arrival."""
    return [
        round(item.at * 1e6) if time is None else (time - EPOCH) // MICROSECOND
        for item in given
        for time in item.table.times
    ]


@given(entries(), st.integers(1, 12))
def test_what_is_read_is_what_was_sent_in_whatever_pieces(given: list[Entry], n_rows: int) -> None:
    batch = sent(given, n_rows)
    numbers = np.concatenate([item.table.numbers for item in given])
    for name, values in zip(LAYOUT.numbers, numbers.T, strict=True):
        np.testing.assert_array_equal(batch.columns[name], values, name)
    for position, name in enumerate(LAYOUT.categories):
        texts = [text for item in given for text in item.table.texts[position]]
        assert batch.columns[name].tolist() == texts
    assert batch.keys.to_pylist() == [key for item in given for key in item.table.keys]
    assert batch.scores.tolist() == [score for item in given for score in item.scored.scores]
    asked = [pair for item in given for pair in item.asked]
    assert batch.ids.to_pylist() == [name for name, n in asked for _ in range(n)]
    assert batch.places.tolist() == [place for _, n in asked for place in range(n)]
    assert batch.times.astype(np.int64).tolist() == instants(given)
    by = [[0] * item.n_rows if item.scored.by is None else item.scored.by for item in given]
    assert batch.by.tolist() == [code for codes in by for code in codes]


line = st.tuples(
    *[st.none() | numbers.filter(lambda x: x == x)] * len(LAYOUT.numbers),
    *[st.none() | st.text(max_size=8)] * len(LAYOUT.categories),
    keys,
    st.none() | times,
)


@given(st.lists(line, min_size=1, max_size=6), st.integers(0, 5), st.integers(1, 6))
def test_a_few_rows_are_kept_as_a_table_is(lines: list[Any], start: int, n: int) -> None:
    found = Keeper(LAYOUT).kept(Few(LAYOUT, lines))
    assert found == Kept.of(LAYOUT.of_rows(lines))
    start %= len(lines)
    stop = min(start + n, len(lines))
    assert found.rows(slice(start, stop)) == Keeper(LAYOUT).kept(Few(LAYOUT, lines[start:stop]))


@given(entries(), st.integers(1, 12))
def test_no_chunk_holds_more_rows_than_it_may(given: list[Entry], n_rows: int) -> None:
    found = list(chunks(given, n_rows))
    assert all(sum(piece.n_rows for piece in chunk) <= n_rows for chunk in found)
    assert not any(piece.first for chunk in found for piece in chunk[1:])


def test_a_lone_surrogate_becomes_its_escape() -> None:
    assert packed(["a\ud800", "b", None]) == ["a\\ud800", "b", None]


@pytest.mark.parametrize("n_bytes", [1, 4, 5, -1])
def test_what_ends_in_the_middle_is_left_out(n_bytes: int) -> None:
    whole = framed(frame_of([entry(0, 3)]))
    stream = io.BytesIO(whole + whole[:n_bytes])
    assert list(read_framed(stream)) == [whole[4:]]


def test_acknowledgements_are_of_one_size_and_read_together() -> None:
    acks = [Ack(recorded=2**40), Ack(store_errors=1, lag_s=0.25), Ack(dropped=3)]
    content = b"".join(map(ack_bytes, acks))
    assert (acks_of(content), len(content)) == (acks, 3 * ACK_BYTES)


def test_a_frame_whose_columns_are_not_of_one_length_is_no_batch() -> None:
    odd = msgspec.structs.replace(frame_of([entry(0, 3)]), scores=bytes(16))
    with pytest.raises(ValueError) as caught:
        Batch.of([odd], TO)
    assert str(caught.value) == "3 rows whose columns are of [2, 3]"
