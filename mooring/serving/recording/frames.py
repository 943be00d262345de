"""What passes between a worker and its recording process.

To it: a destination, then frames, each behind its length. Back: acknowledgements of one size.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import msgspec
from msgspec import Struct

SEPARATOR = b"\0"
Packed = bytes | list[str | None]
"""Texts: joined by SEPARATOR where none holds it and none is missing, else as they are."""
_LENGTH = struct.Struct("<I")
_ACK = struct.Struct("<qqqd")
FAULT = 2
"""What the recording process ends with where another start would end the same way."""


class ShadowModel(Struct, frozen=True):
    """The model whose scores are recorded and never returned."""

    directory: str
    digest: str
    atol: float
    """How far its golden rows may differ."""


class Destination(Struct, frozen=True):
    """What the recording process needs to know."""

    url: str
    """Of the store."""
    numbers: list[str]
    """The names of the number columns."""
    categories: list[str]
    zone: str
    """Whose days the records are kept by."""
    digests: list[str]
    """Of the models, in the order in which rows name them."""
    shadow: ShadowModel | None
    segments: dict[str, list[str]]
    """Whose rows are profiled by themselves too: values by category column."""
    flush_rows: int
    flush_s: float
    drain_s: float


class Frame(Struct, frozen=True, array_like=True):
    """Some hundred rows."""

    n_rows: int
    numbers: bytes
    """(n, k) float64."""
    texts: Packed
    """(n, m), row by row; where there are indices, those that differ."""
    indices: bytes | None
    """(m, n) int32, column by column: which of `texts`."""
    keys: Packed | None
    times: list[int | None] | None
    """Microseconds since 1970; None where no row has one."""
    scores: bytes
    """(n,) float64."""
    by: bytes | None
    """(n,) int8; None where the first model gave all."""
    ids: Packed
    """Of the requests."""
    counts: list[int]
    """The rows of each request."""
    arrivals: list[float]
    """Of each request, in seconds since 1970."""
    first: int
    """The place of the first row in its request; those of the others begin at 0."""


class Ack(NamedTuple):
    """What has become of rows, in rows and times since the last one."""

    recorded: int = 0
    dropped: int = 0
    store_errors: int = 0
    lag_s: float = 0.0
    """The age of the oldest row that is being written."""


def packed(texts: Sequence[str | None]) -> Packed:
    """Return texts, (n,), in the form of a frame.

    A lone surrogate, which UTF-8 cannot hold, becomes its escape, such as \\ud800.
    """
    try:
        content = "\0".join(texts).encode()  # type: ignore[arg-type]  # one call for all of them
    except (TypeError, UnicodeEncodeError):
        return [None if text is None else _encodable(text) for text in texts]
    if content.count(SEPARATOR) == len(texts) - 1:
        return content
    return list(texts)


def joined(packed: Sequence[Packed]) -> Packed:
    """Return several sequences, each of at least one text, as one."""
    if all(isinstance(texts, bytes) for texts in packed):
        return SEPARATOR.join(packed)  # type: ignore[arg-type]
    return [text for texts in packed for text in unpacked(texts)]


def unpacked(texts: Packed) -> list[str | None]:
    """Return the texts, (n,), n > 0."""
    return [*texts.decode().split("\0")] if isinstance(texts, bytes) else texts


def n_texts(packed: Packed) -> int:
    """Return how many texts, n > 0, there are."""
    return packed.count(SEPARATOR) + 1 if isinstance(packed, bytes) else len(packed)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def framed(content: Destination | Frame) -> bytes:
    """Return a destination or a frame as it is sent."""
    encoded = msgspec.msgpack.encode(content)
    return _LENGTH.pack(len(encoded)) + encoded


def read_framed(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what was framed, until the stream ends; what ends in the middle is left out."""
    while len(head := stream.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        content = stream.read(length)
        if len(content) < length:
            return
        yield content


def ack_bytes(ack: Ack) -> bytes:
    """Return an acknowledgement as it is sent: so short that a pipe keeps it in one piece."""
    return _ACK.pack(*ack)


def acks_of(content: bytes) -> list[Ack]:
    """Return the acknowledgements that were read at once, a multiple of ACK_BYTES."""
    return [Ack(*fields) for fields in _ACK.iter_unpack(content)]


ACK_BYTES = _ACK.size
