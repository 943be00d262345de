"""What validation finds: per column and rule how many rows break it, and the first of them.

In: broken rows, batch by batch. Out: a list that JSON can hold.
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
    """A growing account of broken rules."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.found: dict[tuple[str, str], _Violation] = {}

    def _at(self, column: str, rule: str) -> _Violation:
        return self.found.setdefault((column, rule), _Violation())

    def add_whole(self, column: str, rule: str, rows: int, got: str) -> None:
        """Note a rule that the column as a whole breaks."""
        violation = self._at(column, rule)
        violation.count, violation.got = rows, got

    def add(
        self, column: str, rule: str, places: Sequence[int], batch: pa.RecordBatch, start: int
    ) -> None:
        """Note the rows at `places` of a batch whose first row is number `start`, from 0."""
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
        """Note the rows of these numbers, which hold the same value."""
        violation = self._at(column, rule)
        violation.count += len(rows)
        for row in rows[: FIRST_ROWS - len(violation.first)]:
            self._show(violation, row, key, value)

    def _show(self, violation: _Violation, row: int, key: str | None, value: Any) -> None:
        violation.first.append({"row": row, "key": key, "value": _plain(value)})

    def lift_allowed_nulls(self, data: Data, rows: int) -> None:
        """Forget the missing values of columns that may miss as many."""
        for column in {name for name, rule in self.found if rule == "max_null_frac"}:
            allowed = data.columns[column].max_null_frac if column in data.columns else 0.0
            if self.found[column, "max_null_frac"].count <= allowed * rows:
                del self.found[column, "max_null_frac"]

    def listed(self, data: Data) -> list[dict[str, Any]]:
        """Return every violation, in the order of column and rule, each with its limit."""
        return [
            {"column": column, "rule": rule, "limit": _limit(data, column, rule), **vars(violation)}
            for (column, rule), violation in sorted(self.found.items())
        ]


def _limit(data: Data, column: str, rule: str) -> float | None:
    """Return the number that conf/data gives for a rule, which bears the name of its key."""
    value = getattr(data.columns.get(column), rule, None)
    return value if isinstance(value, float | int) else None


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.isoformat() if isinstance(value, datetime.datetime) else value
