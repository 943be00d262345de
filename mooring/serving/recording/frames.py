"""The messages between a worker and its recording process.

To it: a destination, then frames, each after its length. Back: acknowledgements of one size.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import msgspec
from msgspec import Struct

SEPARATOR = b"\0"
Packed = bytes | list[str | None]
"""Texts: joined by SEPARATOR if none contains it and none is missing, else a list."""
_LENGTH = struct.Struct("<I")
_ACK = struct.Struct("<qqqd")
FAULT = 2
"""The exit code of a recording process that would fail again after a restart."""


class ShadowModel(Struct, frozen=True):
    """The model whose scores are recorded and never returned."""

    directory: str
    digest: str
    atol: float
    """How far its golden rows may differ."""


class Destination(Struct, frozen=True):
    """What the recording process needs to know."""

    url: str
    """The URL of the store."""
    numbers: list[str]
    """The names of the number columns."""
    categories: list[str]
    zone: str
    """The time zone of the days of the records."""
    digests: list[str]
    """The digests of the models, in the order in which rows number them."""
    shadow: ShadowModel | None
    segments: dict[str, list[str]]
    """Values by category column whose rows are also profiled separately."""
    flush_rows: int
    flush_s: float
    drain_s: float


class Frame(Struct, frozen=True, array_like=True):
    """Some hundred rows."""

    n_rows: int
    numbers: bytes
    """(n, k) float64."""
    texts: Packed
    """(n, m), row by row; if there are indices, only the different texts."""
    indices: bytes | None
    """(m, n) int32, column by column: which of `texts`."""
    keys: Packed | None
    times: list[int | None] | None
    """Microseconds since 1970; None if no row has one."""
    scores: bytes
    """(n,) float64."""
    by: bytes | None
    """(n,) int8; None if the first model gave all scores."""
    ids: Packed
    """The ids of the requests."""
    counts: list[int]
    """The rows of each request."""
    arrivals: list[float]
    """The time of arrival of each request, in seconds since 1970."""
    first: int
    """The position of the first row in its request; the other requests begin at 0."""


class Ack(NamedTuple):
    """What happened to rows since the last acknowledgement: numbers of rows and of errors."""

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
    """Yield each message until the stream ends; an incomplete one is left out."""
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
