"""A category column: its texts row by row, or as a dictionary of the different ones, like Arrow's arrays.

Rows by the thousand have texts by the dozen, so what is checked, looked up or derived is so once for each
text. Below some dozens of rows the dictionary costs more than it saves.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Rows = slice | NDArray[np.intp]
"""Which rows: a slice, or positions."""
MIN_DICTIONARY_ROWS = 64


class PlainColumn(NamedTuple):
    """The text of each row."""

    different: Sequence[str]
    """(n,), '' for missing."""

    def texts(self) -> Sequence[str]:
        """Return the text of each row, (n,)."""
        return self.different

    def encoded(self, rows: Mapping[str, bytes], width: int) -> NDArray[np.float64]:
        """Return the numbers that stand for each row's text, (n, width), given as the bytes of float64."""
        return _joined(self.different, rows, width)

    def rows(self, where: Rows) -> "PlainColumn":
        """Return the column of some of the rows."""
        if isinstance(where, slice):
            return PlainColumn(self.different[where])
        return PlainColumn([self.different[at] for at in where])

    def count(self, texts: Collection[str]) -> int:
        """Return how many rows have one of these texts."""
        return sum(text in texts for text in self.different)


class DictionaryColumn(NamedTuple):
    """The different texts, and which of them each row has."""

    different: Sequence[str]
    """The dictionary, '' for missing; one may come twice, or be in no row."""
    indices: NDArray[np.intp]
    """(n,), positions in it."""

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Self:
        """Return the column of these texts, (n,)."""
        positions = _Positions()
        indices = np.fromiter(map(positions.__getitem__, texts), np.intp, len(texts))
        return cls([text or "" for text in positions], indices)

    def texts(self) -> Sequence[str]:
        """Return the text of each row, (n,)."""
        texts: list[str] = _objects(self.different)[self.indices].tolist()
        return texts

    def encoded(self, rows: Mapping[str, bytes], width: int) -> NDArray[np.float64]:
        """Return the numbers that stand for each row's text, (n, width), given as the bytes of float64."""
        return _joined(self.different, rows, width)[self.indices]

    def rows(self, where: Rows) -> "DictionaryColumn":
        """Return the column of some of the rows."""
        return DictionaryColumn(self.different, self.indices[where])

    def count(self, texts: Collection[str]) -> int:
        """Return how many rows have one of these texts."""
        mask = np.array([text in texts for text in self.different], bool)
        return int(np.count_nonzero(mask[self.indices]))


class _Positions(dict[str | None, int]):
    """Where each text stands, in the order in which they first came."""

    def __missing__(self, text: str | None) -> int:
        self[text] = position = len(self)
        return position


TextColumn = PlainColumn | DictionaryColumn


def text_column(texts: Sequence[str | None]) -> TextColumn:
    """Return the column of these texts, (n,), '' or None for missing."""
    if len(texts) >= MIN_DICTIONARY_ROWS:
        return DictionaryColumn.of(texts)
    return PlainColumn([text or "" for text in texts])


def derived_column(
    function: Callable[..., NDArray[Any]], columns: Sequence[NDArray[np.float64] | TextColumn]
) -> NDArray[np.float64] | TextColumn:
    """Return what `function` gives for the rows of these columns, (n,) each.

    Where all are dictionaries of few combinations, it is asked once for each combination.
    """
    dictionaries = [column for column in columns if isinstance(column, DictionaryColumn)]
    if len(dictionaries) == len(columns):
        shape = [len(column.different) for column in dictionaries]
        if prod(shape) <= len(dictionaries[0].indices):
            return _derived_once(function, dictionaries, shape)
    found = function(*[c if isinstance(c, np.ndarray) else _objects(c.texts()) for c in columns])
    return found if _is_number(found) else text_column(found.tolist())


def _derived_once(
    function: Callable[..., NDArray[Any]], columns: Sequence[DictionaryColumn], shape: list[int]
) -> NDArray[np.float64] | TextColumn:
    combinations = np.ravel_multi_index([column.indices for column in columns], shape)
    used = np.flatnonzero(np.bincount(combinations, minlength=prod(shape)))
    picked = zip(columns, np.unravel_index(used, shape), strict=True)
    values = function(*[_objects(column.different)[at] for column, at in picked])
    positions = np.empty(prod(shape), np.intp)
    positions[used] = np.arange(len(used))
    indices = positions[combinations]
    return values[indices] if _is_number(values) else DictionaryColumn(values.tolist(), indices)


def _joined(texts: Sequence[str], rows: Mapping[str, bytes], width: int) -> NDArray[np.float64]:
    return np.frombuffer(b"".join([rows[text] for text in texts])).reshape(len(texts), width)


def _objects(texts: Sequence[str]) -> NDArray[np.object_]:
    return np.array(texts, dtype=object)


def _is_number(values: NDArray[Any]) -> bool:
    return values.dtype.kind not in "OU"
