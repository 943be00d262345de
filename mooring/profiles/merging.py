"""Merge profiles into the profile of all their rows; the inputs do not change.

In: whylogs views of the same columns. Out: a new one, whose bytes are the same for the same views in
the same order.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mooring.errors import DataError
from mooring.profiles.engine import (
    CONFIG,
    CardinalityMetric,
    ColumnCountsMetric,
    ColumnProfileView,
    DistributionMetric,
    FractionalComponent,
    FrequentItemsMetric,
    HllComponent,
    IntegralComponent,
    KllComponent,
    Metric,
    TypeCountersMetric,
    View,
    hll_union,
)
from mooring.profiles.quantile_sketch import merged_sketch
from mooring.profiles.reading import Profile
from mooring.profiles.sketches import METRICS, kinds_of
from mooring.profiles.values import Kind


def merged(views: Sequence[View]) -> View:
    """Return the profile of the rows of all `views`.

    Its time is the earliest, its metadata the entries that all share. Raises DataError if there is no
    view, or if they are not of the same columns, each of a known kind.
    """
    kinds = _same([kinds_of(view) for view in views])
    columns = {
        name: _merged_column([view.get_columns()[name] for view in views], kind)
        for name, kind in kinds.items()
    }
    metadata = set.intersection(*(set(view.metadata.items()) for view in views))
    at = min(view.dataset_timestamp or _NEVER for view in views)
    return View(
        columns=columns,
        dataset_timestamp=at,
        creation_timestamp=at,
        metadata=dict(metadata),
    )


def side_by_side(views: Sequence[View]) -> View:
    """Return the profile of rows whose columns were profiled apart; all else is the first view's."""
    columns = {name: column for view in views for name, column in view.get_columns().items()}
    return View(
        columns=columns,
        dataset_timestamp=views[0].dataset_timestamp,
        creation_timestamp=views[0].creation_timestamp,
        metadata=dict(views[0].metadata),
    )


def kinds_of_all(profiles: Sequence[Profile]) -> dict[str, Kind]:
    """Return the kind of each column of read profiles. Raises DataError as `merged`."""
    return _same([{name: of.kind for name, of in profile.items()} for profile in profiles])


def _same(kinds: Sequence[dict[str, Kind]]) -> dict[str, Kind]:
    if not kinds:
        raise DataError("no profiles to merge", expected="at least one")
    for other in kinds:
        if other != kinds[0]:
            raise DataError(
                "cannot merge profiles of different columns",
                expected=_named(kinds[0]),
                got=_named(other),
            )
    return kinds[0]


_NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def _named(kinds: Mapping[str, Kind]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in kinds.items())


def _merged_column(parts: list[ColumnProfileView], kind: Kind) -> ColumnProfileView:
    return ColumnProfileView(
        {name: _MERGE[name]([part.get_metric(name) for part in parts]) for name in METRICS[kind]}
    )


def _counts(parts: list[ColumnCountsMetric]) -> ColumnCountsMetric:
    fields = ("n", "null", "nan", "inf", "true")
    return ColumnCountsMetric(**{field: _sum(parts, field) for field in fields})


def _types(parts: list[TypeCountersMetric]) -> TypeCountersMetric:
    fields = ("integral", "fractional", "boolean", "string", "object", "tensor")
    return TypeCountersMetric(**{field: _sum(parts, field) for field in fields})


def _sum(parts: list[Metric], field: str) -> IntegralComponent:
    return IntegralComponent(sum(getattr(part, field).value for part in parts))


def _cardinality(parts: list[CardinalityMetric]) -> CardinalityMetric:
    union = hll_union(CONFIG.hll_lg_k)
    for part in parts:
        union.update(part.hll.value)
    return CardinalityMetric(HllComponent(union.get_result(parts[0].hll.value.tgt_type)))


def _distribution(parts: list[DistributionMetric]) -> DistributionMetric:
    """Merge by the parallel variance formula of Chan, Golub and LeVeque (1979)."""
    n, mean, m2 = 0, 0.0, 0.0
    for part in parts:
        added = part.kll.value.get_n()
        if added:
            delta = part.mean.value - mean
            n += added
            mean += delta * added / n
            m2 += part.m2.value + delta * delta * added * (n - added) / n
    kll = KllComponent(merged_sketch(part.kll.value for part in parts))
    return DistributionMetric(kll, FractionalComponent(mean), FractionalComponent(m2))


def _frequent_items(parts: list[FrequentItemsMetric]) -> FrequentItemsMetric:
    whole = FrequentItemsMetric.zero(CONFIG)
    for part in parts:
        whole.frequent_strings.value.merge(part.frequent_strings.value)
    return whole


_MERGE: dict[str, Callable[[list[Any]], Metric]] = {
    "counts": _counts,
    "types": _types,
    "cardinality": _cardinality,
    "distribution": _distribution,
    "frequent_items": _frequent_items,
}
