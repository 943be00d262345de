"""Check what the messages of an Arrow stream declare, before Arrow's reader trusts them.

That reader is native code, which inflates any buffer and allocates as many rows as are declared.
"""

import struct
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from mooring.serving.problems import Problem

HEADER, COMPRESSION, LENGTH, DATA = 2, 3, 0, 1
"""Positions in the tables Message, RecordBatch, RecordBatch and DictionaryBatch of Arrow's format."""


def check_messages(body: bytes, limit: int) -> None:
    """Refuse a stream of more rows than `limit`, or with a compressed buffer.

    Raises Problem, and what Arrow or struct raise for a body that is not a stream.
    """
    n_rows, reader = 0, pa.ipc.MessageReader.open_stream(body)
    for message in _messages(reader):
        kind = message.type
        if kind == "schema":
            continue
        if kind not in ("record batch", "dictionary"):
            raise Problem(400, f"expected an Arrow stream of columns, got a {kind}")
        metadata = message.metadata.to_pybytes()
        batch = _child(metadata, _root(metadata), HEADER)
        if kind == "dictionary":
            batch = _child(metadata, batch, DATA)
        else:
            at = _field(metadata, batch, LENGTH)
            n_rows += struct.unpack_from("<q", metadata, at)[0] if at else 0
        if _field(metadata, batch, COMPRESSION):
            raise Problem(415, "Arrow buffers must not be compressed; content-encoding may be gzip")
        if not 0 <= n_rows <= limit:
            raise Problem(422, f"at most {limit} rows in a request, got {n_rows}")


def _messages(reader: Any) -> Iterator[Any]:
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _root(content: bytes) -> int:
    return int(struct.unpack_from("<I", content, 0)[0])


def _field(content: bytes, table: int, position: int) -> int:
    """Return where a flatbuffers table keeps a field, 0 if it has none."""
    vtable = table - struct.unpack_from("<i", content, table)[0]
    if vtable < 0 or 4 + 2 * position >= struct.unpack_from("<H", content, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", content, vtable + 4 + 2 * position)[0]
    return table + offset if offset else 0


def _child(content: bytes, table: int, position: int) -> int:
    at = _field(content, table, position)
    if not at:
        raise ValueError("a message without its header")
    return at + int(struct.unpack_from("<I", content, at)[0])
