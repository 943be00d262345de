"""The violations that validation finds: for each column and rule, a count and the first rows.

In: broken rows, batch by batch. Out: a list for JSON.
"""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from mooring.config.data import Data

FIRST_ROWS = 5


@dataclass
class _Violation:
    count: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)
    got: str | None = None


class Violations:
    """Collects broken rules, batch by batch."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.found: dict[tuple[str, str], _Violation] = {}

    def _at(self, column: str, rule: str) -> _Violation:
        return self.found.setdefault((column, rule), _Violation())

    def add_whole(self, column: str, rule: str, rows: int, got: str) -> None:
        """Add a rule that the whole column breaks."""
        violation = self._at(column, rule)
        violation.count, violation.got = rows, got

    def add(
        self, column: str, rule: str, places: Sequence[int], batch: pa.RecordBatch, start: int
    ) -> None:
        """Add the rows at `places` of a batch whose first row is number `start`, from 0."""
        if not places:
            return
        violation = self._at(column, rule)
        violation.count += len(places)
        for place in sorted(places)[: FIRST_ROWS - len(violation.first)]:
            value, key = batch.column(column)[place].as_py(), batch.column(self._key)[place].as_py()
            self._show(violation, start + place, key, value)

    def add_value(
        self, column: str, rule: str, rows: Sequence[int], key: str | None, value: Any
    ) -> None:
        """Add the rows of these numbers, which hold the same value."""
        violation = self._at(column, rule)
        violation.count += len(rows)
        for row in rows[: FIRST_ROWS - len(violation.first)]:
            self._show(violation, row, key, value)

    def _show(self, violation: _Violation, row: int, key: str | None, value: Any) -> None:
        violation.first.append({"row": row, "key": key, "value": _plain(value)})

    def lift_allowed_nulls(self, data: Data, rows: int) -> None:
        """Drop the missing values of columns that stay within their limit."""
        for column in {name for name, rule in self.found if rule == "max_null_frac"}:
            allowed = data.columns[column].max_null_frac if column in data.columns else 0.0
            if self.found[column, "max_null_frac"].count <= allowed * rows:
                del self.found[column, "max_null_frac"]

    def listed(self, data: Data) -> list[dict[str, Any]]:
        """Return every violation, sorted by column and rule, each with its limit."""
        return [
            {"column": column, "rule": rule, "limit": _limit(data, column, rule), **vars(violation)}
            for (column, rule), violation in sorted(self.found.items())
        ]


def _limit(data: Data, column: str, rule: str) -> float | None:
    """Return the limit of a rule: the value of the key in conf/data with the rule's name."""
    value = getattr(data.columns.get(column), rule, None)
    return value if isinstance(value, float | int) else None


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.isoformat() if isinstance(value, datetime.datetime) else value
