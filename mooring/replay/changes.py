"""The kinds of faults: which rows each one affects, and how it changes them.

In: Rows. Out: Rows. A fault with a share changes the rows whose key hashes below the share, so it is the
same in every run and for any chunk size, and a larger share includes the rows of a smaller one.
"""

import datetime
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Protocol

import numpy as np

from mooring.errors import DataError
from mooring.replay.past_rows import Mask, Rows

COPY = "~again"
"""The suffix of a repeated row's key."""


class RowChange(Protocol):
    """A change to some rows."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The input columns that it must see."""

    def concerns(self, rows: Rows) -> Mask:
        """Return which rows it would change with a share of 1."""

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows with the touched ones changed."""


@dataclass(frozen=True)
class _OfColumn:
    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The input columns that it must see."""
        return (self.column,)


@dataclass(frozen=True)
class Unit(_OfColumn):
    """A number in another unit: value * factor + offset."""

    factor: float
    offset: float

    def concerns(self, rows: Rows) -> Mask:
        """Return the rows that have a value."""
        found: Mask = ~np.isnan(rows.columns[self.column])
        return found

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows with the touched ones changed. Raises DataError when a value becomes infinite."""
        values = rows.columns[self.column]
        with np.errstate(over="ignore"):
            converted = np.where(touched, values * self.factor + self.offset, values)
        if np.isinf(converted).any():
            raise DataError(f"{self.column} overflows a double in this unit")
        return rows.with_column(self.column, converted)


@dataclass(frozen=True)
class Rename(_OfColumn):
    """One category under another name."""

    old: str
    new: str

    def concerns(self, rows: Rows) -> Mask:
        """Return the rows of the category."""
        found: Mask = rows.columns[self.column] == self.old
        return found

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows with the touched ones changed."""
        values = rows.columns[self.column].copy()
        values[touched] = self.new
        return rows.with_column(self.column, values)


@dataclass(frozen=True)
class NulledColumn(_OfColumn):
    """A column without its values."""

    def concerns(self, rows: Rows) -> Mask:
        """Return the rows that have a value."""
        values = rows.columns[self.column]
        missing: object = None
        found: Mask = values != missing if values.dtype == object else ~np.isnan(values)
        return found

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows with the touched ones changed."""
        values = rows.columns[self.column].copy()
        values[touched] = None if values.dtype == object else np.nan
        return rows.with_column(self.column, values)


@dataclass(frozen=True)
class Missing(_OfColumn):
    """A column that is not sent."""

    def concerns(self, rows: Rows) -> Mask:
        """Return all rows."""
        return np.ones(len(rows), dtype=bool)

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows with the touched ones changed."""
        before = rows.absent.get(self.column, np.zeros(len(rows), dtype=bool))
        return replace(rows, absent={**rows.absent, self.column: before | touched})


class _WithoutColumn:
    columns: tuple[str, ...] = ()

    def concerns(self, rows: Rows) -> Mask:
        """Return all rows."""
        return np.ones(len(rows), dtype=bool)


@dataclass(frozen=True)
class Clock(_WithoutColumn):
    """A wrong clock: it changes the time in a row, not when the row is sent."""

    shift: datetime.timedelta

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows with the touched ones changed."""
        shifted = rows.times + np.timedelta64(self.shift, "us")
        return replace(rows, times=np.where(touched, shifted, rows.times))


@dataclass(frozen=True)
class Drop(_WithoutColumn):
    """Rows that are not sent."""

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows without the touched ones."""
        return rows.take(~touched)


@dataclass(frozen=True)
class Repeat(_WithoutColumn):
    """Rows that are sent again, right after the original, under another key."""

    def apply(self, rows: Rows, touched: Mask) -> Rows:
        """Return the rows with a copy after each touched one."""
        positions = np.repeat(np.arange(len(rows)), 1 + touched)
        copies = np.zeros(len(positions), dtype=bool)
        copies[1:] = positions[1:] == positions[:-1]
        taken = rows.take(positions)
        keys = taken.keys.copy()
        keys[copies] = keys[copies] + COPY
        return replace(taken, keys=keys)


def chosen(rows: Rows, share: float, salt: str) -> Mask:
    """Return the rows whose key, hashed with the salt, is below the share, 0 to 1."""
    if share >= 1:
        return np.ones(len(rows), dtype=bool)
    limit, seed = int(share * 2**64), salt.encode() + b"\0"
    hashed = (blake2b(seed + key.encode(), digest_size=8).digest() for key in rows.keys)
    return np.fromiter((int.from_bytes(each) < limit for each in hashed), bool, len(rows))
