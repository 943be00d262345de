"""The schema of a request: the columns of conf/data with their rules, and the categories of training.

Made by the package stage, written into the bento as request.json, and read by the server.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mooring import files
from mooring.bento.sealed import FIX
from mooring.config import document
from mooring.config.data import CategoryColumn, Column, Data, Target, Time
from mooring.config.metric import Task
from mooring.config.section import Strict

MAX_SEEN = 10_000
"""A column with more categories than this has no list of them, so no value counts as unseen."""
MAX_KEY_LENGTH = 200
Value = float | str | None


class RequestSchema(Strict):
    """The columns of a request's row."""

    name: str
    task: Task
    target: Target
    key: str
    """The optional key of a row in a request; a delayed label is joined on it."""
    time: Time | None
    """The optional prediction time of a row in a request (default: its time of arrival)."""
    columns: dict[str, Column]
    seen: dict[str, tuple[str, ...]]
    """The categories of the training rows, for each column without a list of categories."""
    example: dict[str, Value]
    """One valid training row."""

    @property
    def closed_seen(self) -> dict[str, tuple[str, ...]]:
        """`seen`, without the open columns, in which new categories are expected."""
        columns = self.columns
        return {
            name: values
            for name, values in self.seen.items()
            if not (isinstance(column := columns[name], CategoryColumn) and column.open)
        }

    @classmethod
    def of(cls, data: Data, rows: Mapping[str, NDArray[Any]]) -> Self:
        """Return the schema of conf/data, given the input columns of the train window, (n,) each."""
        return cls(
            name=data.name,
            task=data.task,
            target=data.target,
            key=data.key,
            time=data.time,
            columns=data.columns,
            seen=dict(_seen(data, rows)),
            example=_example(rows),
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the schema in a file. Raises IntegrityError if the file is invalid."""
        return document.read(path, cls, "is not a request schema", FIX)

    def write(self, path: Path) -> None:
        """Replace the file with this schema, whose columns keep their declared order."""
        content = json.dumps(self.model_dump(mode="json"), indent=2, allow_nan=False)
        files.write_text(path, content + "\n")


def _seen(data: Data, rows: Mapping[str, NDArray[Any]]) -> Any:
    for name, column in data.columns.items():
        if isinstance(column, CategoryColumn) and column.categories is None:
            values = sorted(set(rows[name].tolist()) - {""})
            if len(values) <= MAX_SEEN:
                yield name, tuple(values)


def _example(rows: Mapping[str, NDArray[Any]]) -> dict[str, Value]:
    """Return the first row without a missing value, or else the first row."""
    n_rows = len(next(iter(rows.values())))
    whole = np.ones(n_rows, dtype=bool)
    for values in rows.values():
        whole &= values != "" if values.dtype == object else ~np.isnan(values)
    row = int(np.argmax(whole))
    return {name: _plain(values[row]) for name, values in rows.items()}


def _plain(value: Any) -> Value:
    if isinstance(value, str):
        return value or None
    return None if np.isnan(value) else float(value)
