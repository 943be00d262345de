"""The outcomes of each day as one small table; tables add up to the table of all their rows.

In: a day, a score and a label for each row. Out: `Tables`, in whole numbers and exact sums: the order of
rows, of days and of merges changes no digit. They are kept as canonical JSON, whose bytes can be hashed.
"""

import json
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    NonNegativeInt,
    PlainSerializer,
    PlainValidator,
    model_validator,
)

from mooring.config import document
from mooring.config.metric import Task
from mooring.config.section import Strict
from mooring.errors import DataError
from mooring.metrics.losses import Loss, row_losses
from mooring.metrics.weighted import Floats, Ints, checked
from mooring.outcomes.exact import exact_sums

POSITIONS = 2**16
"""The position of a score in its bin is from 0 at the lower edge to this at the upper one."""
BINS: dict[Task, tuple[str, ...]] = {
    "classification": (
        *("negatives", "positives"),
        *("negative_positions", "positive_positions", "negative_squares", "positive_squares"),
    ),
    "regression": (),
}
"""Rows by bin and label, and the sums of their positions and of these squared."""
SUMS: dict[Task, tuple[str, ...]] = {
    "classification": ("score", "brier", "log_loss"),
    "regression": ("error", "absolute_error", "squared_error", "target", "squared_target"),
}
"""Over the labelled rows; `error` is score minus target."""
FRACTION = re.compile(r"-?[0-9]{1,1000}(/[0-9]{1,1000})?")


def _fraction(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str) and FRACTION.fullmatch(value):
        try:
            return Fraction(value)
        except ZeroDivisionError:
            pass
    raise ValueError("a fraction of whole numbers, such as 3/4")


Sum = Annotated[Fraction, PlainValidator(_fraction), PlainSerializer(str)]


class DayTable(Strict):
    """The outcomes of one block of rows."""

    predictions: NonNegativeInt
    """All that are old enough to have a label."""
    rows: NonNegativeInt
    """Those that have one: the others are in no bin and in no sum."""
    bins: dict[str, tuple[NonNegativeInt, ...]]
    sums: dict[str, Sum]

    def __add__(self, other: "DayTable") -> "DayTable":
        """Return the table of the rows of both."""
        return DayTable(
            predictions=self.predictions + other.predictions,
            rows=self.rows + other.rows,
            bins={
                name: tuple(a + b for a, b in zip(counts, other.bins[name], strict=True))
                for name, counts in self.bins.items()
            },
            sums={name: value + other.sums[name] for name, value in self.sums.items()},
        )


class Tables(Strict):
    """The outcomes of one model by day, or by block of rows where the data has no time."""

    task: Task
    edges: tuple[float, ...]
    """The inner edges of the bins of a classifier's scores, strictly ascending; none for a regression."""
    days: dict[str, DayTable]
    """By name, which sorts as the days do: YYYY-MM-DD."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges that ascend")
        if self.edges and self.task == "regression":
            raise ValueError("no edges for a regression")
        counted = BINS[self.task][:2]
        for day, table in self.days.items():
            lengths = {name: len(counts) for name, counts in table.bins.items()}
            if lengths != dict.fromkeys(BINS[self.task], len(self.edges) + 1):
                raise ValueError(f"{len(self.edges) + 1} bins of each kind on {day}")
            if set(table.sums) != set(SUMS[self.task]):
                raise ValueError(f"sums of {', '.join(SUMS[self.task])} on {day}")
            if counted and sum(sum(table.bins[name]) for name in counted) != table.rows:
                raise ValueError(f"as many rows in the bins as on {day}")
            if table.rows > table.predictions:
                raise ValueError(f"a prediction for each label on {day}")
        return self

    def __add__(self, other: "Tables") -> "Tables":
        """Return the outcomes of the rows of both. Raises DataError unless their bins are the same."""
        if (self.task, self.edges) != (other.task, other.edges):
            raise DataError(
                "cannot add outcomes that are counted in different bins",
                expected=f"{self.task}, {len(self.edges)} edges",
                got=f"{other.task}, {len(other.edges)} edges, or others",
                fix="make both tables with the edges of one reference",
            )
        days = dict(self.days)
        for day, table in other.days.items():
            days[day] = days[day] + table if day in days else table
        return Tables(task=self.task, edges=self.edges, days=dict(sorted(days.items())))

    def between(self, first: str, last: str) -> "Tables":
        """Return the days from `first` to `last`, both included."""
        days = {day: table for day, table in self.days.items() if first <= day <= last}
        return Tables(task=self.task, edges=self.edges, days=days)

    def encode(self) -> bytes:
        """Return the tables as JSON that is the same for the same rows."""
        plain = self.model_dump(mode="json")
        return (json.dumps(plain, sort_keys=True, separators=(",", ":")) + "\n").encode()

    @classmethod
    def decode(cls, content: bytes, where: Path | str) -> Self:
        """Return the tables that `encode` wrote. Raises IntegrityError, naming `where`, for others."""
        return document.parse(content, cls, where, "is not a table of outcomes")


def tabulate(
    task: Task, edges: tuple[float, ...], days: NDArray[np.str_], scores: Floats, labels: Floats
) -> Tables:
    """Return the outcomes by day; arrays are (n_rows,), and a missing label is NaN.

    Raises ModelError where a score is not finite, or a label is not of the task.
    """
    names, day_of_row = np.unique(days, return_inverse=True)
    labelled = ~np.isnan(labels)
    scored, targets, at = scores[labelled], labels[labelled], day_of_row[labelled].astype(np.int64)
    checked(targets, scored, binary=task == "classification")
    bins = {}
    if task == "classification":
        bins = _counted(np.array(edges), targets, scored, at, len(names))
    values = _summed(task, targets, scored)
    sums = {name: exact_sums(column, at, len(names)) for name, column in values.items()}
    predictions, rows = Counter(day_of_row.tolist()), Counter(at.tolist())
    return Tables(
        task=task,
        edges=edges,
        days={
            str(name): DayTable(
                predictions=predictions[day],
                rows=rows[day],
                bins={kind: tuple(counts[day].tolist()) for kind, counts in bins.items()},
                sums={kind: by_day[day] for kind, by_day in sums.items()},
            )
            for day, name in enumerate(names)
        },
    )


def _summed(task: Task, target: Floats, scores: Floats) -> dict[str, Floats]:
    """Return the values to sum, (n_rows,) each."""

    def loss(name: Loss) -> Floats:
        return row_losses(name, target, scores, None)

    if task == "classification":
        return {"score": scores, "brier": loss("brier"), "log_loss": loss("log_loss")}
    return {
        "error": scores - target,
        "absolute_error": loss("absolute_error"),
        "squared_error": loss("squared_error"),
        "target": target,
        "squared_target": target**2,
    }


def _counted(
    edges: Floats, target: Floats, scores: Floats, at: Ints, n_days: int
) -> dict[str, Ints]:
    """Return whole numbers by day and bin, (n_days, n_bins)."""
    bounds = np.concatenate([[0.0], edges, [1.0]])
    bins = np.searchsorted(edges, scores, side="left")
    lower, upper = bounds[bins], bounds[bins + 1]
    position = np.clip(np.rint((scores - lower) / (upper - lower) * POSITIONS), 0, POSITIONS)
    n_bins, positive = len(edges) + 1, target == 1

    def by_bin(rows: NDArray[np.bool_], weights: Floats) -> Ints:
        cells = (at * n_bins + bins)[rows]
        counts = np.bincount(cells, weights[rows], minlength=n_days * n_bins)
        return counts.reshape(n_days, n_bins).astype(np.int64)

    counted = {}
    for label, rows in (("negative", ~positive), ("positive", positive)):
        counted[f"{label}s"] = by_bin(rows, np.ones_like(scores))
        counted[f"{label}_positions"] = by_bin(rows, position)
        counted[f"{label}_squares"] = by_bin(rows, position**2)
    return counted
