"""Frames: what a worker sends of its rows is what the recording process reads, to the last bit."""

import io
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.features.texts import text_column
from mooring.serving.reading.parsed import ParsedColumns, ParsedRows
from mooring.serving.recording.batch import Batch
from mooring.serving.recording.entries import Entry, chunks, frame_of
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
from tests.support.records import LAYOUT, PACKER, destination, entry, parsed

TO = destination("/nowhere")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1971, 1, 2), datetime(2199, 12, 30), timezones=offsets)
keys = st.none() | texts.filter(bool)
numbers = st.floats(allow_nan=True, allow_infinity=True)
models = st.integers(0, 1)


class Scoring(NamedTuple):
    """Rows that are scored together, before they are an entry."""

    columns: ParsedColumns
    entry: Entry


@st.composite
def scorings(draw: Any) -> list[Scoring]:
    names = (f"r{number}" for number in count())
    return [_scoring(draw, names) for _ in range(draw(st.integers(1, 4)))]


def _scoring(draw: Any, names: Any) -> Scoring:
    asked = [(next(names), n) for n in draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))]
    n = sum(n_rows for _, n_rows in asked)

    def several(values: Any, size: int = n) -> Any:
        return draw(st.lists(values, min_size=size, max_size=size))

    k, m = len(LAYOUT.numbers), len(LAYOUT.categories)
    matrix = np.array(several(numbers, n * k)).reshape(k, n)
    words = [text_column(several(texts)) for _ in range(m)]
    given_keys = several(keys) if draw(st.booleans()) else [None] * n
    given_times = several(st.none() | times) if draw(st.booleans()) else [None] * n
    by = np.array(several(models), np.int8) if draw(st.booleans()) else None
    columns = ParsedColumns(matrix, words, given_keys, given_times)
    scored = Scored(np.array(several(st.floats(0, 1))), by)
    at = draw(st.floats(1e9, 4e9).map(lambda seconds: round(seconds, 3)))
    rows = PACKER.packed(columns) if draw(st.booleans()) else columns
    return Scoring(columns, Entry(rows, scored, asked, at))


def sent(given: list[Entry], n_packed: int, n_columns: int) -> Batch:
    """Return entries as they arrive on the other side of a pipe."""
    in_lists = chunks(given, n_packed, n_columns)
    content = b"".join(framed(frame_of(chunk)) for chunk in in_lists)
    decode = msgspec.msgpack.Decoder(Frame).decode
    return Batch.of([decode(frame) for frame in read_framed(io.BytesIO(content))], TO)


def instants(given: list[Scoring]) -> list[int]:
    """Return the time of each row in microseconds: its own, or of its arrival."""
    return [
        round(scoring.entry.at * 1e6) if time is None else (time - EPOCH) // MICROSECOND
        for scoring in given
        for time in scoring.columns.times
    ]


@given(scorings(), st.integers(1, 12), st.integers(1, 12))
def test_what_is_read_is_what_was_sent_in_whatever_pieces(
    given: list[Scoring], n_packed: int, n_columns: int
) -> None:
    entries, columns = [each.entry for each in given], [each.columns for each in given]
    batch = sent(entries, n_packed, n_columns)
    numbers = np.concatenate([each.numbers for each in columns], axis=1)
    for name, values in zip(LAYOUT.numbers, numbers, strict=True):
        np.testing.assert_array_equal(batch.columns[name], values, name)
    for position, name in enumerate(LAYOUT.categories):
        texts = [text for each in columns for text in each.categories[position].texts()]
        assert batch.columns[name].tolist() == texts
    assert batch.keys.to_pylist() == [key for each in columns for key in each.keys]
    assert batch.scores.tolist() == [score for each in entries for score in each.scored.scores]
    asked = [pair for each in entries for pair in each.asked]
    assert batch.ids.to_pylist() == [name for name, n in asked for _ in range(n)]
    assert batch.places.tolist() == [place for _, n in asked for place in range(n)]
    assert batch.times.astype(np.int64).tolist() == instants(given)
    by = [[0] * each.n_rows if each.scored.by is None else each.scored.by for each in entries]
    assert batch.by.tolist() == [code for codes in by for code in codes]


line = st.tuples(
    *[st.none() | numbers.filter(lambda x: x == x)] * len(LAYOUT.numbers),
    *[st.none() | st.text(max_size=8)] * len(LAYOUT.categories),
    keys,
    st.none() | times,
)


@given(st.lists(line, min_size=1, max_size=6))
def test_rows_are_packed_as_their_columns_are(lines: list[Any]) -> None:
    rows = ParsedRows(LAYOUT, lines)
    found, expected = PACKER.packed(rows), PACKER.packed(rows.columns())
    assert found[:2] == expected[:2]
    assert (list(found.keys), list(found.times)) == (list(expected.keys), list(expected.times))


@given(scorings(), st.integers(1, 12), st.integers(1, 12))
def test_no_frame_holds_more_rows_than_it_may(
    given: list[Scoring], n_packed: int, n_columns: int
) -> None:
    for chunk in chunks([each.entry for each in given], n_packed, n_columns):
        is_columns = [isinstance(each.rows, ParsedColumns) for each in chunk]
        n_rows = sum(each.n_rows for each in chunk)
        assert n_rows <= n_columns if any(is_columns) else n_rows <= n_packed or len(chunk) == 1
        assert not any(is_columns) or len(chunk) == 1
        assert not any(each.first for each in chunk[1:])


def test_columns_of_many_rows_come_in_frames_of_their_own() -> None:
    whole = Entry(parsed(0, 5000), Scored(np.arange(5000.0), None), [("a", 1), ("b", 4999)], 1e9)
    frames = [frame_of(chunk) for chunk in chunks([entry(9000, 3), whole, entry(9003, 2)])]
    found = [(frame.n_rows, frame.first, frame.indices is not None) for frame in frames]
    assert found == [
        (3, 0, False),
        (2048, 0, True),
        (2048, 2047, True),
        (904, 4095, True),
        (2, 0, False),
    ]


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
