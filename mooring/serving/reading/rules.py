"""Validate the values of a request by the rules of conf/data: one value, or whole columns.

In: plain values, or columns as they were decoded. Out: each value that breaks a rule, and the rule in words.
Of columns, only the distinct texts are checked, and the numbers of a column whose least or greatest number is
out of range.
"""

import json
import math
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mooring.bento.request import MAX_KEY_LENGTH, RequestSchema
from mooring.config.data import CategoryColumn, Column, NumberColumn
from mooring.config.serving import Serving
from mooring.days import YEARS
from mooring.serving.problems import Violation
from mooring.serving.reading.parsed import ParsedColumns, RowLayout

FLOAT = np.finfo(np.float64)
SHOWN = 60
WHEN = f"a time of {YEARS[0]} to {YEARS[-1]} with its offset from UTC"
INSTANT = f"{WHEN}, such as 2026-01-31T08:00:00Z (RFC 3339)"


def broken_rule(
    value: Any, column: Column, serving: Serving, seen_categories: Collection[str] | None
) -> str | None:
    """Return the rule of `column` that a plain value breaks, None if it keeps them all."""
    if value is None:
        return None if serving.missing == "score" else "not null"
    if isinstance(column, NumberColumn):
        return _broken_range(value, column)
    if not isinstance(value, str):
        return "a text"
    return _broken_text(value, column) or _broken_novelty(value, column, serving, seen_categories)


def _broken_range(value: Any, column: NumberColumn) -> str | None:
    if isinstance(value, bool) or not isinstance(value, float):
        return "a number"
    if not math.isfinite(value):
        return "a number within the range of a double"
    if column.min is not None and value < column.min:
        return f"at least {column.min:g} {column.unit}"
    if column.max is not None and value > column.max:
        return f"at most {column.max:g} {column.unit}"
    return None


def _broken_text(value: str, column: CategoryColumn) -> str | None:
    if column.categories is not None:
        allowed = ", ".join(column.categories)
        return None if value in column.categories else f"one of {allowed}"
    return _broken_length(value, column.max_length)


def _broken_novelty(
    value: str, column: CategoryColumn, serving: Serving, seen: Collection[str] | None
) -> str | None:
    if serving.unseen == "score" or column.open or seen is None or value in seen:
        return None
    return "a category that training has seen"


def _broken_length(value: str, longest: int) -> str | None:
    if not 1 <= len(value) <= longest:
        return f"of 1 to {longest} characters"
    return None if _is_unicode(value) else "a text without lone surrogates"


def broken_name(value: Any, name: str, schema: RequestSchema) -> str | None:
    """Return the rule that the key or the time of a row breaks, None if it keeps it."""
    if name == schema.key:
        return _broken_length(value, MAX_KEY_LENGTH) if isinstance(value, str) else "a text"
    if _is_instant(value):
        return None
    return INSTANT


def instant(text: str) -> datetime:
    """Return the time in a text, T and Z in either case (RFC 3339). Raises ValueError."""
    return datetime.fromisoformat(text.upper())


def _is_instant(value: Any) -> bool:
    try:
        at = instant(value)
    except (AttributeError, TypeError, ValueError):
        return False
    return at.tzinfo is not None and at.year in YEARS


def _is_unicode(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def shown(value: Any) -> str:
    """Return a value as JSON, cut short."""
    text = json.dumps(value) if not isinstance(value, list | dict) else type(value).__name__
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


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
        self._seen = {name: frozenset(values) for name, values in schema.seen.items()}
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
            if not valid.issuperset(texts) and any(self.broken(name, text) for text in texts):
                return False
        return True

    def broken(self, name: str, value: Any) -> str | None:
        """Return the rule that a plain value of a column breaks, None if it keeps them all."""
        seen = self._seen.get(name)
        return broken_rule(value, self._schema.columns[name], self._serving, seen)

    def broken_numbers(self, numbers: NDArray[np.float64]) -> Iterator[Violation]:
        """Yield each number of (k, n), NaN for missing, that breaks a rule."""
        for position in np.flatnonzero(self._out_of_range(numbers)):
            name = self._layout.numbers[position]
            for row, value in enumerate(numbers[position].tolist()):
                given = None if value != value else value
                rule = self.broken(name, given)
                if rule:
                    yield Violation(row, name, rule, shown(given))

    def broken_texts(self, texts: Sequence[Texts]) -> Iterator[Violation]:
        """Yield each text of the category columns that breaks a rule."""
        for name, valid, column in zip(self._layout.categories, self._valid, texts, strict=True):
            if valid.issuperset(column.different):
                continue
            rules = [self.broken(name, text) for text in column.different]
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

    def _valid_texts(self, name: str) -> frozenset[str | None]:
        """Return texts of a column that are known to keep its rules."""
        column = self._schema.columns[name]
        allowed = column.categories if isinstance(column, CategoryColumn) else ()
        candidates = (None, *(allowed or ()), *self._schema.seen.get(name, ()))
        return frozenset(text for text in candidates if not self.broken(name, text))
