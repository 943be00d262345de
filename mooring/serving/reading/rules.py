"""Validate whole columns by the rules of conf/data: first which column breaks one, then which value.

In: columns as they were decoded. Out: each value that breaks a rule. The rules are broken_rule's in
explain.py; here it checks only the different texts of a column, and numbers only in a column whose least or
greatest number is out of range.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mooring.bento.request import RequestSchema
from mooring.config.data import CategoryColumn, NumberColumn
from mooring.config.serving import Serving
from mooring.serving.problems import Violation
from mooring.serving.reading.explain import broken_rule, shown
from mooring.serving.reading.parsed import ParsedColumns, RowLayout

FLOAT = np.finfo(np.float64)


class Texts(NamedTuple):
    """One column of texts, (n,)."""

    different: list[str | None]
    indices: NDArray[np.intp]

    def of_rows(self) -> list[str | None]:
        """Return the text of each row, (n,)."""
        texts: list[str | None] = np.array(self.different, object)[self.indices].tolist()
        return texts


class ColumnRules:
    """The rules of one request schema."""

    def __init__(self, schema: RequestSchema, serving: Serving) -> None:
        self._schema, self._serving, self._layout = schema, serving, RowLayout(schema)
        columns = [schema.columns[name] for name in self._layout.numbers]
        numbers = [column for column in columns if isinstance(column, NumberColumn)]
        self._least = np.array([FLOAT.min if c.min is None else c.min for c in numbers])
        self._greatest = np.array([FLOAT.max if c.max is None else c.max for c in numbers])
        self._valid = [self._valid_texts(name) for name in self._layout.categories]

    def are_kept(self, columns: ParsedColumns) -> bool:
        """Return whether all values keep every rule; '' counts as missing."""
        if self._out_of_range(columns.numbers).any():
            return False
        for name, valid, column in zip(
            self._layout.categories, self._valid, columns.categories, strict=True
        ):
            texts = {text or None for text in column.different}
            if not valid.issuperset(texts) and any(self._broken(name, text) for text in texts):
                return False
        return True

    def broken_numbers(self, numbers: NDArray[np.float64]) -> Iterator[Violation]:
        """Yield each number of (k, n), NaN for missing, that breaks a rule."""
        for position in np.flatnonzero(self._out_of_range(numbers)):
            name = self._layout.numbers[position]
            for row, value in enumerate(numbers[position].tolist()):
                given = None if value != value else value
                rule = self._broken(name, given)
                if rule:
                    yield Violation(row, name, rule, shown(given))

    def broken_texts(self, texts: Sequence[Texts]) -> Iterator[Violation]:
        """Yield each text of the category columns that breaks a rule."""
        for name, valid, column in zip(self._layout.categories, self._valid, texts, strict=True):
            if valid.issuperset(column.different):
                continue
            rules = [self._broken(name, text) for text in column.different]
            if any(rules):
                for row, at in enumerate(column.indices.tolist()):
                    rule = rules[at]
                    if rule:
                        yield Violation(row, name, rule, shown(column.different[at]))

    def _out_of_range(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which columns of (k, n) hold a number that breaks a rule, (k,)."""
        broken: NDArray[np.bool_] = np.fmin.reduce(numbers, axis=1) < self._least
        broken |= np.fmax.reduce(numbers, axis=1) > self._greatest
        if self._serving.missing == "refuse":
            broken |= np.isnan(numbers).any(axis=1)
        return broken

    def _broken(self, name: str, value: str | float | None) -> str | None:
        seen = self._schema.seen.get(name)
        return broken_rule(value, self._schema.columns[name], self._serving, seen)

    def _valid_texts(self, name: str) -> frozenset[str | None]:
        """Return texts of a column that are known to keep its rules."""
        column = self._schema.columns[name]
        allowed = column.categories if isinstance(column, CategoryColumn) else ()
        candidates = (None, *(allowed or ()), *self._schema.seen.get(name, ()))
        return frozenset(text for text in candidates if not self._broken(name, text))
