"""The valid rows of a request: as they were read, or as columns.

A small body of rows is read into ParsedRows, every other body into ParsedColumns. The model and the counters
take both, and records are packed from either.
"""

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mooring.bento.request import RequestSchema
from mooring.config.data import CategoryColumn, NumberColumn
from mooring.features.texts import Rows, TextColumn, text_column

Row = tuple[Any, ...]
"""Its numbers, its categories, its key and its time; None where there is no value."""


class ParsedColumns(NamedTuple):
    """Rows as columns, in the order of the request."""

    numbers: NDArray[np.float64]
    """(k, n), NaN for missing."""
    categories: Sequence[TextColumn]
    """(n,) each."""
    keys: Sequence[str | None]
    """(n,), None where the request does not say."""
    times: Sequence[datetime | None]
    """(n,), each with its offset; None where the request does not say."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.keys)

    def columns(self) -> "ParsedColumns":
        """Return itself: see ParsedRows."""
        return self

    def rows(self, where: Rows) -> "ParsedColumns":
        """Return some of the rows."""
        categories = [column.rows(where) for column in self.categories]
        numbers = self.numbers[:, where]
        return ParsedColumns(
            numbers, categories, _picked(self.keys, where), _picked(self.times, where)
        )


class ParsedRows(NamedTuple):
    """Rows as they were read: the model takes a few in this form, and more as columns."""

    layout: "RowLayout"
    of: Sequence[Row]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.of)

    @property
    def keys(self) -> Sequence[str | None]:
        """(n,), None where the request does not say."""
        at = len(self.layout.names)
        return [row[at] for row in self.of]

    def rows(self, where: Rows) -> "ParsedRows":
        """Return some of the rows."""
        return ParsedRows(self.layout, _picked(self.of, where))

    def columns(self) -> ParsedColumns:
        """Return them as columns."""
        return self.layout.columns_of(self.of)


class RowLayout:
    """The position of each column in a row."""

    def __init__(self, schema: RequestSchema) -> None:
        columns = schema.columns.items()
        self.numbers = [name for name, c in columns if isinstance(c, NumberColumn)]
        self.categories = [name for name, c in columns if isinstance(c, CategoryColumn)]
        self.key = schema.key
        self.time = schema.time.column if schema.time else None
        self.names = [*self.numbers, *self.categories]
        self.optional = [self.key, *([self.time] if self.time else [])]
        self.kinds: dict[str, Any] = dict.fromkeys(self.numbers, "number") | dict.fromkeys(
            self.categories, "category"
        )

    def columns_of(self, rows: Sequence[Row]) -> ParsedColumns:
        """Return rows as columns."""
        return self.columns_of_lists(list(zip(*rows, strict=True)), len(rows))

    def columns_of_lists(self, lists: Sequence[Sequence[Any]], n_rows: int) -> ParsedColumns:
        """Return whole columns, (n_rows,) each: those of `names`, the keys and perhaps the times."""
        k, n = len(self.numbers), len(self.names)
        pack = struct.Struct(f"{n_rows}d").pack
        numbers = b"".join([_packed(pack, column) for column in lists[:k]])
        return ParsedColumns(
            np.frombuffer(numbers).reshape(k, n_rows),
            [text_column(column) for column in lists[k:n]],
            lists[n],
            lists[n + 1] if len(lists) > n + 1 else [None] * n_rows,
        )


def _packed(pack: Any, numbers: Sequence[float | None]) -> bytes:
    """Return numbers, (n,), as float64; `pack` takes a quarter of the time of numpy."""
    try:
        packed: bytes = pack(*numbers)
    except struct.error:  # one is missing
        packed = np.array(numbers, np.float64).tobytes()
    return packed


def _picked(values: Sequence[Any], where: Rows) -> Sequence[Any]:
    return values[where] if isinstance(where, slice) else [values[at] for at in where]
