"""The rows of several frames as columns, for the writer.

Only the recording process imports it, since it imports pyarrow.
"""

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mooring.serving.recording.frames import (
    SEPARATOR,
    Destination,
    Frame,
    Packed,
    joined,
    n_texts,
)

SEPARATOR_BYTE = SEPARATOR[0]


class Batch(NamedTuple):
    """Rows in the order in which they were scored, (n,) each."""

    columns: dict[str, NDArray[Any]]
    """The inputs by name: float64 with NaN, or texts with '' for missing."""
    keys: pa.Array
    scores: NDArray[np.float64]
    by: NDArray[np.int8]
    """Positions in Destination.digests."""
    times: NDArray[np.datetime64]
    """In UTC: the data's own time, or the time of arrival."""
    ids: pa.Array
    """The ids of the requests."""
    places: NDArray[np.int32]
    """The positions of the rows in their requests."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.scores)

    @classmethod
    def of(cls, frames: Sequence[Frame], destination: Destination) -> Self:
        """Return the rows of frames.

        Raises ValueError if the columns of a frame are not of one length.
        """
        n_rows = sum(frame.n_rows for frame in frames)
        counts = np.array([n for frame in frames for n in frame.counts])
        request = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        ids = pa.DictionaryArray.from_arrays(request, texts_of([frame.ids for frame in frames]))
        arrivals = np.array([at for frame in frames for at in frame.arrivals])
        batch = cls(
            columns=_columns(frames, destination),
            keys=_keys(frames),
            scores=np.frombuffer(b"".join([frame.scores for frame in frames])),
            by=np.frombuffer(b"".join([_by(frame) for frame in frames]), np.int8),
            times=_times(frames, np.repeat(arrivals, counts)),
            ids=ids.cast(pa.string()),
            places=_places(frames, counts),
        )
        lengths = {len(column) for column in (*batch[1:], *batch.columns.values())}
        if lengths != {n_rows}:
            raise ValueError(f"{n_rows} rows whose columns are of {sorted(lengths)}")
        return batch

    @classmethod
    def joined(cls, batches: Sequence[Self]) -> Generator[None, None, Self]:
        """Return the rows of all batches, in their order; yield after each column."""
        columns = {}
        for name in batches[0].columns:
            columns[name] = np.concatenate([batch.columns[name] for batch in batches])
            yield
        return cls(
            columns=columns,
            keys=pa.concat_arrays([batch.keys for batch in batches]),
            scores=np.concatenate([batch.scores for batch in batches]),
            by=np.concatenate([batch.by for batch in batches]),
            times=np.concatenate([batch.times for batch in batches]),
            ids=pa.concat_arrays([batch.ids for batch in batches]),
            places=np.concatenate([batch.places for batch in batches]),
        )


def texts_of(packed: Sequence[Packed]) -> pa.Array:
    """Return the texts of several sequences, one after the other."""
    texts = joined(packed)
    if not isinstance(texts, bytes):
        return pa.array(texts, pa.string())
    content = np.frombuffer(texts, np.uint8)
    ends = np.flatnonzero(content == SEPARATOR_BYTE)
    data = content[content != SEPARATOR_BYTE]
    offsets = np.zeros(len(ends) + 2, np.int32)
    offsets[1:-1] = ends - np.arange(len(ends))
    offsets[-1] = len(data)
    buffers = [pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.StringArray.from_buffers(len(offsets) - 1, *buffers)


def _columns(frames: Sequence[Frame], destination: Destination) -> dict[str, NDArray[Any]]:
    k, m = len(destination.numbers), len(destination.categories)
    columns: dict[str, NDArray[Any]] = {}
    if k:
        numbers = np.frombuffer(b"".join([frame.numbers for frame in frames])).reshape(-1, k)
        columns.update(zip(destination.numbers, np.ascontiguousarray(numbers.T), strict=True))
    if m:
        columns.update(zip(destination.categories, _texts(frames, m), strict=True))
    return columns


def _texts(frames: Sequence[Frame], m: int) -> NDArray[np.object_]:
    """Return the texts of each category column, (m, n).

    There is one object for each different text, so that counting does not hash it again.
    """
    encoded = texts_of([frame.texts for frame in frames]).dictionary_encode()
    different = np.array(encoded.dictionary.to_pylist(), dtype=object)
    places = encoded.indices.to_numpy()
    parts, start = [], 0
    for frame in frames:
        if frame.indices is None:
            end = start + frame.n_rows * m
            parts.append(places[start:end].reshape(-1, m).T)
        else:
            end = start + n_texts(frame.texts)
            indices = np.frombuffer(frame.indices, np.int32).reshape(m, -1)
            parts.append(places[start:end][indices])
        start = end
    texts: NDArray[np.object_] = different[np.concatenate(parts, axis=1)]
    return texts


def _keys(frames: Sequence[Frame]) -> pa.Array:
    if all(frame.keys is None for frame in frames):
        return pa.nulls(sum(frame.n_rows for frame in frames), pa.string())
    absent: Packed
    given = []
    for frame in frames:
        absent = [None] * frame.n_rows
        given.append(absent if frame.keys is None else frame.keys)
    return texts_of(given)


def _by(frame: Frame) -> bytes:
    return bytes(frame.n_rows) if frame.by is None else frame.by


def _times(frames: Sequence[Frame], arrivals: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Return the time of each row, given when it arrived in seconds."""
    times = np.round(arrivals * 1e6).astype("datetime64[us]")
    if any(frame.times is not None for frame in frames):
        nested = (frame.times or [None] * frame.n_rows for frame in frames)
        in_data = np.array([at for given in nested for at in given], "datetime64[us]")
        times = np.where(np.isnat(in_data), times, in_data)
    return times


def _places(frames: Sequence[Frame], counts: NDArray[np.int64]) -> NDArray[np.int32]:
    firsts = np.zeros(len(counts), np.int64)
    firsts[np.cumsum([0, *(len(frame.counts) for frame in frames[:-1])])] = [
        frame.first for frame in frames
    ]
    begins = np.cumsum(counts) - counts
    places: NDArray[np.int64] = np.arange(counts.sum()) + np.repeat(firsts - begins, counts)
    return places.astype(np.int32)
