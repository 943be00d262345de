"""Write a profile as the file that whylogs' own reader opens, with equal bytes for equal profiles.

In: a whylogs view. Out: the bytes that `View.serialize` gives, but with the entries of maps sorted: there
they have the order of a hash table of the process.
"""

from collections.abc import Generator
from typing import Any

from mooring.profiles.engine import (
    ChunkHeader,
    ChunkMessage,
    ChunkOffsets,
    DatasetProfileHeader,
    DatasetProperties,
    DatasetSegmentHeader,
    View,
)
from mooring.profiles.reading import MAGIC


def profile_bytes(view: View) -> bytes:
    """Return the file of a profile that has a time."""
    pieces = writing(view)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            content: bytes = end.value
            return content


def writing(view: View) -> Generator[None, None, bytes]:
    """Return the file of a profile that has a time; yield after each column."""
    columns = sorted(view.get_columns().items())
    paths = sorted({p for _, column in columns for p in column.get_metric_component_paths()})
    index = {path: number for number, path in enumerate(paths)}
    body, offsets = bytearray(), {}
    for name, column in columns:
        components = column.to_protobuf().metric_components
        chunk = _encoded(
            ChunkMessage(metric_components={index[path]: of for path, of in components.items()})
        )
        offsets[name] = ChunkOffsets(offsets=[len(body)])
        body += _delimited(ChunkHeader(type=ChunkHeader.ChunkType.COLUMN, length=len(chunk)))
        body += chunk
        yield
    properties = DatasetProperties(
        dataset_timestamp=_milliseconds(view.dataset_timestamp),
        creation_timestamp=_milliseconds(view.creation_timestamp),
        metadata=view.metadata,
    )
    header = DatasetProfileHeader(
        column_offsets=offsets,
        properties=properties,
        length=len(body),
        indexed_metric_paths=dict(enumerate(paths)),
    )
    segments = DatasetSegmentHeader(has_segments=False)
    return MAGIC + _delimited(segments) + _delimited(header) + bytes(body)


def _milliseconds(time: Any) -> int:
    return int(time.timestamp() * 1000)


def _delimited(message: Any) -> bytes:
    """Return a message after its length as a varint."""
    content = _encoded(message)
    rest, length = len(content), bytearray()
    while rest > 0x7F:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    length.append(rest)
    return bytes(length) + content


def _encoded(message: Any) -> bytes:
    content: bytes = message.SerializeToString(deterministic=True)
    return content
