"""Build the whylogs profile of one block of rows, column by column instead of value by value.

In: columns as arrays, and their kinds as conf/data froze them. Out: a whylogs view with the metrics
that whylogs itself would give a float or a text column: counts, types, cardinality, distribution,
and for texts the frequent items. On clean data its figures are those of `why.log`.
"""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring.errors import DataError
from mooring.profiles.engine import (
    CONFIG,
    CardinalityMetric,
    ColumnCountsMetric,
    ColumnProfileView,
    DistributionMetric,
    FractionalComponent,
    FrequentItemsMetric,
    KllComponent,
    TypeCountersMetric,
    View,
)
from mooring.profiles.quantile_sketch import sketch_of
from mooring.profiles.segments import (
    NO_SEGMENTS,
    Segments,
    kinds_with_segments,
    with_segments,
)
from mooring.profiles.values import SCORE, Categories, Kind, Numbers, categories, numbers

METRICS: dict[Kind, frozenset[str]] = {
    "number": frozenset({"counts", "types", "cardinality", "distribution"}),
    "category": frozenset({"counts", "types", "cardinality", "distribution", "frequent_items"}),
}
EPOCH = datetime.date(1970, 1, 1)


def profile_columns(
    columns: Mapping[str, NDArray[Any]],
    kinds: Mapping[str, Kind],
    *,
    day: datetime.date | None,
    facts: Mapping[str, str],
    segments: Segments = NO_SEGMENTS,
) -> View:
    """Return the profile of one block of rows, with that of each segment's rows in it.

    Each column has shape (n_rows,). The kind alone decides a column's metrics, so that an all-null
    block merges with any other. `day` is the block's day, None where the data has no time; `facts`
    is written into the file's metadata. Raises DataError when columns and kinds do not match, are
    not of one length, or hold values that are not of their kind.
    """
    _check(columns, kinds)
    if segments:
        columns, kinds = with_segments(columns, segments), kinds_with_segments(kinds, segments)
    day = max(day or EPOCH, EPOCH)  # whylogs cannot write an earlier one
    at = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    return View(
        columns={name: _column(name, columns[name], kind) for name, kind in kinds.items()},
        dataset_timestamp=at,
        creation_timestamp=at,
        metadata=dict(facts),
    )


def profile_blocks(
    columns: Mapping[str, NDArray[Any]],
    kinds: Mapping[str, Kind],
    blocks: NDArray[np.str_],
    *,
    are_days: bool,
    facts: Mapping[str, str],
    segments: Segments = NO_SEGMENTS,
) -> dict[str, View]:
    """Return the profile of each block: of the rows that have its name in `blocks`, (n_rows,).

    If `are_days`, a name is an ISO date, which becomes the profile's time.
    Raises DataError as profile_columns does.
    """
    order = np.argsort(blocks, kind="stable")
    names, starts = np.unique(blocks[order], return_index=True)
    return {
        str(name): profile_columns(
            {column: values[rows] for column, values in columns.items()},
            kinds,
            day=datetime.date.fromisoformat(str(name)) if are_days else None,
            facts=facts,
            segments=segments,
        )
        for name, rows in zip(names, np.split(order, starts[1:]), strict=True)
    }


def add_score(
    columns: Mapping[str, NDArray[Any]], kinds: Mapping[str, Kind], scores: NDArray[np.float64]
) -> tuple[dict[str, NDArray[Any]], dict[str, Kind]]:
    """Return the columns and kinds of the inputs with the model's scores, (n_rows,), as one more.

    Raises DataError when an input has the name of the scores.
    """
    if SCORE in kinds:
        raise DataError(
            f"column {SCORE} is an input, but profiles keep the model's scores under that name",
            fix="give the column another name in conf/data and its query",
        )
    return {**columns, SCORE: scores}, {**kinds, SCORE: "number"}


def kinds_of(view: View) -> dict[str, Kind]:
    """Return the kind of each column of a profile, by its metrics.

    Raises DataError for a column with other metrics, which no profile of Mooring has.
    """
    kinds: dict[str, Kind] = {}
    for name, column in sorted(view.get_columns().items()):
        metrics = set(column.get_metric_names())
        for kind, expected in METRICS.items():
            if metrics == expected:
                kinds[name] = kind
        if name not in kinds:
            raise DataError(
                f"column {name} of a profile has no known kind", got=", ".join(sorted(metrics))
            )
    return kinds


def _check(columns: Mapping[str, NDArray[Any]], kinds: Mapping[str, Kind]) -> None:
    wrong = [name for name in columns if not isinstance(name, str)]
    if wrong:
        raise DataError("column names must be texts", got=", ".join(map(repr, wrong)))
    if set(columns) != set(kinds):
        raise DataError(
            "columns to profile are not those of conf/data",
            expected=", ".join(sorted(kinds)),
            got=", ".join(sorted(columns)),
        )
    shapes = {name: np.shape(columns[name]) for name in kinds}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        raise DataError(
            "columns to profile are not of one length",
            expected="each of shape (n_rows,)",
            got=", ".join(f"{name} {shape}" for name, shape in shapes.items()),
        )


def _column(name: str, array: NDArray[Any], kind: Kind) -> ColumnProfileView:
    if kind == "number":
        return _number_column(numbers(name, np.asarray(array)))
    return _category_column(categories(name, np.asarray(array)))


def _number_column(values: Numbers) -> ColumnProfileView:
    counts, types = ColumnCountsMetric.zero(), TypeCountersMetric.zero()
    counts.n.set(values.n)
    counts.null.set(values.null)
    counts.nan.set(values.nan)
    counts.inf.set(values.inf)
    types.fractional.set(values.n - values.null)
    # Sorted, since otherwise the bytes of a sketch would depend on the order of the rows.
    ordered = np.sort(values.finite + 0.0)  # turns -0.0 into 0.0
    cardinality = CardinalityMetric.zero(CONFIG)
    if ordered.size:
        cardinality.hll.value.update_np(ordered[np.diff(ordered, prepend=np.nan) != 0])
    return ColumnProfileView(
        {
            "counts": counts,
            "types": types,
            "cardinality": cardinality,
            "distribution": _distribution(ordered),
        }
    )


def _distribution(ordered: NDArray[np.float64]) -> DistributionMetric:
    mean = float(ordered.mean()) if ordered.size else 0.0
    return DistributionMetric(
        KllComponent(sketch_of(ordered)),
        FractionalComponent(mean),
        FractionalComponent(float(np.square(ordered - mean).sum())),
    )


def _category_column(values: Categories) -> ColumnProfileView:
    counts, types = ColumnCountsMetric.zero(), TypeCountersMetric.zero()
    counts.n.set(values.n)
    counts.null.set(values.null)
    types.string.set(values.n - values.null)
    cardinality = CardinalityMetric.zero(CONFIG)
    texts = sorted(values.counts.items())
    cardinality.hll.value.update_str_list([text for text, _ in texts])
    frequent = FrequentItemsMetric.zero(CONFIG)
    for text, count in texts:
        frequent.frequent_strings.value.update(text[: CONFIG.max_frequent_item_size], count)
    return ColumnProfileView(
        {
            "counts": counts,
            "types": types,
            "cardinality": cardinality,
            "distribution": DistributionMetric.zero(CONFIG),
            "frequent_items": frequent,
        }
    )
