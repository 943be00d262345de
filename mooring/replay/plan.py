"""The plan of a replay, identified by a digest, so that a later run resumes the same plan.

In: a file of rows, a window, faults, an address. Out: Plan, and the Survey of its rows before sending.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mooring import files
from mooring.config.data import Data
from mooring.errors import DataError
from mooring.replay.faults import Fault, apply_all
from mooring.replay.past_rows import DaySpan, Mask, Rows, read
from mooring.replay.requests import Request, requests


@dataclass(frozen=True)
class Survey:
    """The counts of a plan."""

    n_window: int
    """Rows in the window."""
    n_rows: int
    """Rows that are sent."""
    touched: Mapping[str, int]
    """The number of changed rows, by fault."""


@dataclass(frozen=True)
class Plan:
    """The rows, their faults and their destination; speed and connections are not part of a plan."""

    rows: Path
    data: Data
    window: DaySpan
    batch: int
    """Rows per request."""
    faults: tuple[Fault, ...]
    url: str

    @cached_property
    def facts(self) -> dict[str, Any]:
        """All inputs of the requests, as plain values."""
        return {
            "rows": files.sha256_file(self.rows),
            "data": files.sha256_bytes(self.data.model_dump_json().encode()),
            "window": str(self.window),
            "batch": self.batch,
            "faults": [str(fault) for fault in self.faults],
            "url": self.url,
        }

    @cached_property
    def digest(self) -> str:
        """The sha256 of the facts, in hex."""
        return files.sha256_bytes(json.dumps(self.facts, sort_keys=True).encode())

    def survey(self) -> Survey:
        """Scan the rows once, reading only the columns of the faults.

        Raises DataError for rows that `read` refuses, for a window without rows, and for a fault that
        changes no row.
        """
        columns = tuple(dict.fromkeys(name for f in self.faults for name in f.change.columns))
        n_window = n_rows = 0
        touched = np.zeros(len(self.faults), dtype=int)
        for rows in read(self.rows, self.data, self.window, columns):
            changed, counts = apply_all(self.faults, rows)
            n_window, n_rows = n_window + len(rows), n_rows + len(changed)
            touched += np.array(counts, dtype=int)
        if not n_window:
            raise DataError("the window has no rows", where=str(self.rows), got=str(self.window))
        rows_by_fault = {str(fault): int(n) for fault, n in zip(self.faults, touched, strict=True)}
        for name, n_touched in rows_by_fault.items():
            if not n_touched:
                raise DataError("changes no row of the window", where=f"--fault {name}")
        return Survey(n_window, n_rows, rows_by_fault)

    def n_requests(self, survey: Survey) -> int:
        """Return the number of requests."""
        return -(-survey.n_rows // self.batch)

    def requests(self, answered: Mask) -> Iterator[list[Request]]:
        """Yield the requests in order of time, except the answered ones, (n_requests,)."""
        return requests(self._sent(), self.data, self.batch, answered)

    def _sent(self) -> Iterator[Rows]:
        for rows in read(self.rows, self.data, self.window, tuple(self.data.columns)):
            yield apply_all(self.faults, rows)[0]
