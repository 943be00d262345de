"""Profile the rows of one category separately, beside all rows.

A segment's columns are in the same profile as the whole ones, under their own names: `origin=JFK\\temp` is
the temp of the rows whose origin is JFK. So code that stores, reads, counts or merges profiles does
not need to know about segments.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring.profiles.values import Kind

Segments = Mapping[str, Sequence[str]]
"""The values of category columns whose rows are segments, by column."""
NO_SEGMENTS: Segments = MappingProxyType({})
BETWEEN = "\\"
"""Separates a segment and its column: conf/data forbids it in the name of a column."""


def with_segments(
    columns: Mapping[str, NDArray[Any]], segments: Segments
) -> dict[str, NDArray[Any]]:
    """Return the columns, (n_rows,) each, and those of each segment, with its rows only.

    The column that defines a segment is constant in it, and left out.
    """
    all_columns = dict(columns)
    for by, values in segments.items():
        for value in values:
            rows = np.flatnonzero(columns[by] == value)
            inside = {name: column[rows] for name, column in columns.items() if name != by}
            all_columns |= {_name(by, value, name): column for name, column in inside.items()}
    return all_columns


def kinds_with_segments(kinds: Mapping[str, Kind], segments: Segments) -> dict[str, Kind]:
    """Return the kinds of the columns that with_segments returns."""
    added = {
        _name(by, value, name): kind
        for by, values in segments.items()
        for value in values
        for name, kind in kinds.items()
        if name != by
    }
    return {**kinds, **added}


def segment_of(name: str) -> tuple[str, str]:
    """Return the segment and the input of a profile's column; the segment of all rows is ''."""
    segment, _, column = name.rpartition(BETWEEN)
    return segment, column


def spoken(segment: str, column: str) -> str:
    """Return a column as people say it: `temp (origin=JFK)`, or `temp` of all rows."""
    return f"{column} ({segment})" if segment else column


def _name(by: str, value: str, column: str) -> str:
    return f"{by}={value}{BETWEEN}{column}"
