"""Rows on their way to the model: a matrix of numbers, columns of texts, and what each row is called.

Every reader of a body makes one; the model, the counters and the recorder take it.
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mooring.bento.request import RequestSchema
from mooring.config.data import CategoryColumn, NumberColumn

Row = tuple[Any, ...]
"""Its numbers, its categories, its key and its time; None where there is no value."""
MANY = 32
"""From so many rows on it is quicker to turn them into columns first."""
Floats = NDArray[np.float64]


class Table(NamedTuple):
    """Rows that keep every rule, in the order of the request."""

    numbers: Floats
    """(n, k), NaN for missing."""
    texts: Sequence[Sequence[str]]
    """Each category column, (n,), '' for missing."""
    keys: Sequence[str | None]
    """(n,), None where the request does not say."""
    times: Sequence[datetime | None]
    """(n,), each with its offset; None where the request does not say."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.keys)

    def table(self) -> "Table":
        """Return itself: see Few."""
        return self

    def rows(self, where: Any) -> "Table":
        """Return the rows that a slice or an array of positions names."""

        def picked(values: Sequence[Any]) -> Sequence[Any]:
            return values[where] if isinstance(where, slice) else [values[i] for i in where]

        texts = [picked(column) for column in self.texts]
        return Table(self.numbers[where], texts, picked(self.keys), picked(self.times))


class Few(NamedTuple):
    """A few rows as they were read: the model takes them so, and a Table is made when it is asked for."""

    layout: "Layout"
    lines: Sequence[Row]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.lines)

    @property
    def keys(self) -> Sequence[str | None]:
        """(n,), None where the request does not say."""
        at = len(self.layout.names)
        return [line[at] for line in self.lines]

    def rows(self, where: Any) -> "Few":
        """Return the rows that a slice or an array of positions names."""
        lines = self.lines
        picked = lines[where] if isinstance(where, slice) else [lines[i] for i in where]
        return Few(self.layout, picked)

    def table(self) -> Table:
        """Return them as a Table."""
        return self.layout.of_rows(self.lines)


class Layout:
    """Which column stands where in a Table."""

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

    def of_rows(self, rows: Sequence[Row]) -> Table:
        """Return the table of rows."""
        if len(rows) > MANY:
            return self.of_lists(list(zip(*rows, strict=True)), len(rows))
        k, n = len(self.numbers), len(self.names)
        numbers = np.array([row[:k] for row in rows], dtype=np.float64)
        *texts, keys = zip(*[row[k : n + 1] for row in rows], strict=True)
        times = [row[n + 1] for row in rows] if self.time else [None] * len(rows)
        return Table(numbers, _filled(texts), keys, times)

    def of_lists(self, lists: Sequence[Sequence[Any]], n_rows: int) -> Table:
        """Return the table of whole columns: those of `names`, the keys and perhaps the times."""
        k, n = len(self.numbers), len(self.names)
        numbers = np.empty((n_rows, k))
        for position in range(k):
            numbers[:, position] = _floats(lists[position])
        times = lists[n + 1] if len(lists) > n + 1 else [None] * n_rows
        return Table(numbers, _filled(lists[k:n]), lists[n], times)


def _floats(values: Sequence[float | None]) -> Any:
    """Return a column of numbers in a form that is quicker to copy, where nothing is missing."""
    if isinstance(values, np.ndarray):
        return values
    try:
        return array("d", values)
    except TypeError:
        return values


def _filled(texts: Iterable[Sequence[Any]]) -> list[Sequence[str]]:
    """Return category columns with '' in the place of None."""
    return [
        ["" if text is None else text for text in column] if None in column else column
        for column in texts
    ]
