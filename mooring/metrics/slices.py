"""Metrics on the slices of conf/report, and the worst slices.

In: the values of slice columns, target and scores. Out: masks, and plain rows for JSON.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mooring.config.metric import HIGHER_IS_BETTER, Metric, Task
from mooring.metrics.scores import measure
from mooring.metrics.weighted import Floats

OTHER = "(other)"
MISSING = "(missing)"
_LAST = {OTHER: 1, MISSING: 2}

Mask = NDArray[np.bool_]
Row = dict[str, str | float | int | None]


def slice_rows(values: Sequence[Any] | NDArray[Any], min_rows: int) -> list[tuple[str, Mask]]:
    """Return each value with the mask of its rows; every row is in exactly one slice.

    Values with fewer than `min_rows` rows are grouped as `(other)`; None, NaN and '' are `(missing)`,
    however few. Both come last.
    """
    names = np.array([_name(value) for value in values], dtype=str)
    found, inverse, counts = np.unique(names, return_inverse=True, return_counts=True)
    small = (counts < min_rows) & (found != MISSING)
    labels = np.where(small, OTHER, found)
    order = sorted(set(labels.tolist()), key=lambda label: (_LAST.get(label, 0), label))
    return [(label, (labels == label)[inverse]) for label in order]


def slice_table(
    task: Task,
    target: Floats,
    scores: Floats,
    columns: Mapping[str, Sequence[Any] | NDArray[Any]],
    *,
    min_rows: int,
    n_bins: int,
) -> list[Row]:
    """Return column, value and metrics of every slice of every column."""
    return [
        {"column": column, "value": value}
        | measure(task, target[mask], scores[mask], n_bins=n_bins)
        for column, values in columns.items()
        for value, mask in slice_rows(values, min_rows)
    ]


def worst_slices(rows: Sequence[Row], metrics: Iterable[Metric]) -> dict[str, Row]:
    """Return, by metric, the column, value, n and metric of its worst slice, if any is defined."""
    worst: dict[str, Row] = {}
    for metric in metrics:
        defined = [row for row in rows if row[metric] is not None]
        if defined:
            pick = min if metric in HIGHER_IS_BETTER else max
            row = pick(defined, key=lambda row: float(row[metric] or 0.0))
            worst[metric] = {name: row[name] for name in ("column", "value", "n", metric)}
    return worst


def _name(value: Any) -> str:
    if pd.isna(value) or value == "":
        return MISSING
    return f"{value:g}" if isinstance(value, float) else str(value)
