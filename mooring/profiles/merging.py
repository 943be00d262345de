"""Merge profiles into the profile of all their rows; the inputs stay as they were.

In: whylogs views of the same columns. Out: one new view. Sketches are merged in place into fresh
ones, so the cost of a profile does not grow with the number already merged.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mooring.errors import DataError
from mooring.profiles.engine import (
    CardinalityMetric,
    ColumnCountsMetric,
    ColumnProfileView,
    DistributionMetric,
    FractionalComponent,
    FrequentItemsMetric,
    FrequentStringsComponent,
    HllComponent,
    IntegralComponent,
    KllComponent,
    Metric,
    TypeCountersMetric,
    View,
    hll_union,
    kll_doubles_sketch,
)
from mooring.profiles.sketches import CONFIG, METRICS, kinds_of
from mooring.profiles.values import Kind


def merged(views: Sequence[View]) -> View:
    """Return the profile of the rows of all `views`.

    Its time is the earliest, its metadata what all agree on. Raises DataError when there is none,
    or when they are not of the same columns, each of a known kind.
    """
    if not views:
        raise DataError("no profiles to merge", expected="at least one")
    first, *others = (kinds_of(view) for view in views)
    for other in others:
        if other != first:
            raise DataError(
                "profiles of different columns do not merge",
                expected=_named(first),
                got=_named(other),
            )
    columns = {
        name: _merged_column([view.get_columns()[name] for view in views], kind)
        for name, kind in first.items()
    }
    metadata = set.intersection(*(set(view.metadata.items()) for view in views))
    at = min(view.dataset_timestamp or _NEVER for view in views)
    return View(
        columns=columns,
        dataset_timestamp=at,
        creation_timestamp=at,
        metadata=dict(metadata),
    )


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
    kll = kll_doubles_sketch(CONFIG.kll_k_large)
    n, mean, m2 = 0, 0.0, 0.0
    for part in parts:
        added = part.kll.value.get_n()
        if added:
            kll.merge(part.kll.value)
            delta = part.mean.value - mean
            n += added
            mean += delta * added / n
            m2 += part.m2.value + delta * delta * added * (n - added) / n
    return DistributionMetric(KllComponent(kll), FractionalComponent(mean), FractionalComponent(m2))


def _frequent_items(parts: list[FrequentItemsMetric]) -> FrequentItemsMetric:
    items = FrequentItemsMetric.zero(CONFIG).frequent_strings.value
    for part in parts:
        items.merge(part.frequent_strings.value)
    return FrequentItemsMetric(FrequentStringsComponent(items))


_MERGE: dict[str, Callable[[list[Any]], Metric]] = {
    "counts": _counts,
    "types": _types,
    "cardinality": _cardinality,
    "distribution": _distribution,
    "frequent_items": _frequent_items,
}
