"""Rows on their way to the model: a matrix of numbers, one of texts, and what each row is called.

Every reader of a body makes one; the model, the counters and the recorder take it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mooring.config.data import CategoryColumn, NumberColumn
from mooring.models.request import RequestSchema

MANY = 32
"""From so many rows on it is quicker to turn them into columns first."""
Floats = NDArray[np.float64]
Texts = NDArray[np.object_]


class Table(NamedTuple):
    """Rows that keep every rule, in the order of the request."""

    numbers: Floats
    """(n, k), NaN for missing."""
    texts: Texts
    """(n, m), '' for missing."""
    keys: Sequence[str | None]
    """(n,), None where the request does not say."""
    times: Sequence[datetime | None]
    """(n,), each with its offset; None where the request does not say."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.keys)

    def rows(self, where: Any) -> "Table":
        """Return the rows that a slice or an array of positions names."""
        if isinstance(where, slice):
            return Table(
                self.numbers[where], self.texts[where], self.keys[where], self.times[where]
            )
        keys, times = ([values[i] for i in where] for values in (self.keys, self.times))
        return Table(self.numbers[where], self.texts[where], keys, times)


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

    def columns(self, table: Table) -> dict[str, NDArray[Any]]:
        """Return the input columns of a table, (n,) each."""
        found: dict[str, NDArray[Any]] = dict(zip(self.numbers, table.numbers.T, strict=True))
        found.update(zip(self.categories, table.texts.T, strict=True))
        return found

    def of_rows(self, rows: Sequence[tuple[Any, ...]]) -> Table:
        """Return the table of rows, each its numbers, its categories, its key and its time."""
        k, n = len(self.numbers), len(self.names)
        if len(rows) > MANY:
            return self.of_lists(list(zip(*rows, strict=True)), len(rows))
        numbers = np.array([row[:k] for row in rows], dtype=np.float64)
        texts = np.array([row[k:n] for row in rows], dtype=object)
        times = [row[n + 1] for row in rows] if self.time else [None] * len(rows)
        return Table(numbers, _filled(texts), [row[n] for row in rows], times)

    def of_lists(self, lists: Sequence[Sequence[Any]], n_rows: int) -> Table:
        """Return the table of whole columns: those of `names`, the keys and perhaps the times."""
        k, n = len(self.numbers), len(self.names)
        numbers, texts = np.empty((n_rows, k)), np.empty((n_rows, n - k), dtype=object)
        for position in range(k):
            numbers[:, position] = lists[position]
        for position in range(n - k):
            texts[:, position] = lists[k + position]
        times = lists[n + 1] if len(lists) > n + 1 else [None] * n_rows
        return Table(numbers, _filled(texts), lists[n], times)


def _filled(texts: Texts) -> Texts:
    missing: Any = None
    texts[np.equal(texts, missing)] = ""
    return texts
