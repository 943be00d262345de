"""Parse the faults of `--fault`.

In: texts such as `unit:temp:f_to_c@0.1`, and conf/data. Out: Fault, which changes Rows.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from mooring.config.data import CategoryColumn, Data, NumberColumn
from mooring.errors import ConfigError
from mooring.replay import durations
from mooring.replay.changes import (
    Clock,
    Drop,
    Missing,
    NulledColumn,
    Rename,
    Repeat,
    RowChange,
    Unit,
    chosen,
)
from mooring.replay.past_rows import Rows

CONVERSIONS = {
    "f_to_c": (5 / 9, -160 / 9),
    "c_to_f": (9 / 5, 32.0),
    "miles_to_km": (1.609344, 0.0),
    "km_to_miles": (1 / 1.609344, 0.0),
    "inches_to_mm": (25.4, 0.0),
    "mph_to_kmh": (1.609344, 0.0),
    "minutes_to_hours": (1 / 60, 0.0),
    "percent_to_fraction": (0.01, 0.0),
}
"""Factor and offset of each conversion, exact by the definitions of mile, inch and degree."""
FORMS = {
    "unit": "unit:COLUMN:CONVERSION, or unit:COLUMN:FACTOR,OFFSET",
    "rename": "rename:COLUMN:OLD=NEW",
    "missing": "missing:COLUMN",
    "null": "null:COLUMN",
    "clock": "clock:SHIFT, such as clock:+30m or clock:-5h",
    "drop": "drop",
    "repeat": "repeat",
}
SHARE = "each may end in @SHARE, in (0, 1]"


@dataclass(frozen=True)
class Fault:
    """One fault, and the share of its rows that it changes."""

    name: str
    """The fault as written, without the share; it also seeds the choice of rows."""
    change: RowChange
    share: float

    def __str__(self) -> str:
        return self.name if self.share == 1 else f"{self.name}@{self.share:g}"

    def apply(self, rows: Rows) -> tuple[Rows, int]:
        """Return the rows, and how many were changed."""
        touched = self.change.concerns(rows) & chosen(rows, self.share, self.name)
        return self.change.apply(rows, touched), int(np.count_nonzero(touched))


def parse(text: str, data: Data) -> Fault:
    """Parse one fault. Raises ConfigError, which lists the allowed forms."""
    name, share = _share(text)
    kind, *rest = name.split(":", 2)
    if kind not in FORMS:
        _refuse(text, f"unknown fault {kind!r}", f"{'; '.join(FORMS.values())}; {SHARE}")
    if len(rest) != FORMS[kind].partition(",")[0].count(":"):
        _refuse(text, "is not of the form of this fault", f"{FORMS[kind]}; {SHARE}")
    return Fault(name, _MAKERS[kind](text, rest, data), share)


def apply_all(faults: Sequence[Fault], rows: Rows) -> tuple[Rows, list[int]]:
    """Return the rows after all faults, and how many rows each fault changed."""
    counts = []
    for fault in faults:
        rows, touched = fault.apply(rows)
        counts.append(touched)
    return rows, counts


def _share(text: str) -> tuple[str, float]:
    """Split a text from its share; an @ that is not followed by a number belongs to the name."""
    name, separator, number = text.rpartition("@")
    try:
        share = float(number) if separator else 1.0
    except ValueError:
        return text, 1.0
    if not 0 < share <= 1:
        _refuse(text, f"{number} is not a share of the rows", SHARE)
    return (name if separator else text), share


def _unit(text: str, rest: Sequence[str], data: Data) -> RowChange:
    column = _column(text, rest[0], data, NumberColumn)
    factor, offset = CONVERSIONS.get(rest[1], (math.nan, math.nan))
    if rest[1] not in CONVERSIONS:
        with suppress(ValueError):
            factor, offset = map(float, rest[1].split(","))
    if not (math.isfinite(factor) and math.isfinite(offset)):
        _refuse(
            text,
            f"unknown conversion {rest[1]!r}",
            f"FACTOR,OFFSET such as 1.8,32; or one of {', '.join(CONVERSIONS)}",
        )
    return Unit(column, factor, offset)


def _rename(text: str, rest: Sequence[str], data: Data) -> RowChange:
    column = _column(text, rest[0], data, CategoryColumn)
    old, found, new = rest[1].partition("=")
    if not found or not old or not new:
        _refuse(text, "is not of the form of this fault", FORMS["rename"])
    declared = data.columns[column]
    assert isinstance(declared, CategoryColumn)
    if declared.categories is not None and old not in declared.categories:
        _refuse(
            text,
            f"{column} has no category {old!r}",
            f"one of {', '.join(declared.categories)}",
        )
    return Rename(column, old, new)


def _missing(text: str, rest: Sequence[str], data: Data) -> RowChange:
    return Missing(_column(text, rest[0], data))


def _null(text: str, rest: Sequence[str], data: Data) -> RowChange:
    return NulledColumn(_column(text, rest[0], data))


def _clock(text: str, rest: Sequence[str], data: Data) -> RowChange:
    try:
        return Clock(durations.duration(rest[0]))
    except ValueError:
        _refuse(text, f"{rest[0]!r} is not a shift", durations.ALLOWED)


def _drop(text: str, rest: Sequence[str], data: Data) -> RowChange:
    return Drop()


def _repeat(text: str, rest: Sequence[str], data: Data) -> RowChange:
    return Repeat()


_MAKERS: dict[str, Callable[[str, Sequence[str], Data], RowChange]] = {
    "unit": _unit,
    "rename": _rename,
    "missing": _missing,
    "null": _null,
    "clock": _clock,
    "drop": _drop,
    "repeat": _repeat,
}


def _column(
    text: str,
    name: str,
    data: Data,
    kind: type[NumberColumn] | type[CategoryColumn] | None = None,
) -> str:
    """Return a column's name. Raises ConfigError unless it is an input of the kind."""
    allowed = [
        each for each, column in data.columns.items() if not kind or isinstance(column, kind)
    ]
    if name not in allowed:
        what = {NumberColumn: "a number", CategoryColumn: "a category", None: "an input"}[kind]
        _refuse(text, f"{name!r} is not {what} column", ", ".join(allowed))
    return name


def _refuse(text: str, what: str, expected: str) -> NoReturn:
    raise ConfigError(what, where=f"--fault {text}", expected=expected)
