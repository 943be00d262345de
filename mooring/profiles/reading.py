"""Read the input of drift from a stored profile, without whylogs' own reader.

In: the bytes of one file, whose sha256 has been checked. Out: counts and sketches by column. whylogs' reader
builds every metric of every column by a registry, one import a column, and a third of its time is spent
on catching warnings; this one parses the same messages and opens only the sketches that are needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

from mooring.errors import IntegrityError
from mooring.profiles.engine import (
    ChunkHeader,
    ChunkMessage,
    DatasetProfileHeader,
    DatasetSegmentHeader,
    frequent_items_error_type,
    frequent_strings_sketch,
    kll_doubles_sketch,
)
from mooring.profiles.segments import segment_of
from mooring.profiles.sketches import METRICS
from mooring.profiles.values import Kind

MAGIC = b"WHY1"
KLL, ITEMS = "distribution/kll", "frequent_items/frequent_strings"
COUNTS = ("counts/n", "counts/null", "counts/inf")
LONGEST_VARINT = 10


class Item(NamedTuple):
    """A text of a category column, and the bounds of its rows."""

    text: str
    least: int
    most: int


@dataclass(frozen=True)
class Sketches:
    """One column of one profile."""

    kind: Kind
    rows: int
    null: int
    """Missing values, NaN among them."""
    inf: int
    values: Any
    """The native sketch: KLL doubles of the finite values of a number, frequent strings of a category.

    Asking an empty KLL for quantiles or shares ends the process: check `present` first."""

    @property
    def present(self) -> int:
        """Rows that are in the sketch: neither missing nor infinite."""
        return self.rows - self.null - self.inf

    @property
    def extremes(self) -> tuple[float, float]:
        """The exact least and greatest value of a number that has any."""
        return self.values.get_min_value(), self.values.get_max_value()

    @property
    def items(self) -> tuple[Item, ...]:
        """A category's texts that the sketch still holds."""
        kept = self.values.get_frequent_items(frequent_items_error_type.NO_FALSE_NEGATIVES)
        return tuple(Item(text, least, most) for text, _, least, most in kept)


Profile = Mapping[str, Sketches]
"""A profile, by column."""


def read_profile(content: bytes, where: str) -> dict[str, Sketches]:
    """Return the columns of a profile. Raises IntegrityError, naming `where`, for other content."""
    try:
        return _columns(content)
    except (ValueError, IndexError, KeyError, RuntimeError, DecodeError, MemoryError) as error:
        raise IntegrityError(
            "is not a profile of Mooring", where=where, got=str(error)[:200]
        ) from error


def _columns(content: bytes) -> dict[str, Sketches]:
    if not content.startswith(MAGIC):
        raise ValueError("it does not begin with whylogs' magic bytes")
    segments, at = _message(content, len(MAGIC), DatasetSegmentHeader)
    header, at = _message(content, at, DatasetProfileHeader)
    if segments.has_segments:
        raise ValueError("it has segments")
    paths = dict(header.indexed_metric_paths)
    parts = {}
    for name, offsets in header.column_offsets.items():
        if len(offsets.offsets) != 1:
            raise ValueError(f"column {name} is in {len(offsets.offsets)} pieces")
        chunk, start = _message(content, at + offsets.offsets[0], ChunkHeader)
        end = start + chunk.length
        if chunk.type != ChunkHeader.ChunkType.COLUMN or end > len(content):
            raise ValueError(f"column {name} is cut off")
        message = ChunkMessage.FromString(content[start:end])
        parts[name] = _sketches(name, {paths[i]: of for i, of in message.metric_components.items()})
    rows = {(segment_of(name)[0], column.rows) for name, column in parts.items()}
    if len(rows) > len({segment for segment, _ in rows}):
        raise ValueError("its columns are not of one length")
    return dict(sorted(parts.items()))


def _sketches(name: str, components: dict[str, Any]) -> Sketches:
    metrics = {path.partition("/")[0] for path in components}
    kind = next((kind for kind, expected in METRICS.items() if metrics == expected), None)
    if kind is None:
        raise ValueError(f"column {name} has no known kind: {', '.join(sorted(metrics))}")
    n, null, inf = (int(components[path].n) for path in COUNTS)
    if kind == "number":
        values = kll_doubles_sketch.deserialize(components[KLL].kll.sketch)
        held = values.get_n()
    else:
        values = frequent_strings_sketch.deserialize(components[ITEMS].frequent_items.sketch)
        held = values.get_total_weight()
    column = Sketches(kind, n, null, inf, values)
    if min(null, inf) < 0 or held != column.present:
        raise ValueError(f"column {name} has {held} values in its sketch, {column.present} counted")
    if kind == "category":
        _ = column.items  # raises for what is not text here, where the file has a name
    return column


def _message(content: bytes, at: int, kind: Any) -> tuple[Any, int]:
    """Return the length-delimited message at an offset, and where it ends."""
    size = shift = 0
    for position in range(at, at + LONGEST_VARINT):
        byte = content[position]
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    else:
        raise ValueError("a length does not end")
    start = position + 1
    if start + size > len(content):
        raise ValueError("a message is cut off")
    return kind.FromString(content[start : start + size]), start + size
