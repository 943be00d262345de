"""Merge profiles into the profile of all their rows; the inputs stay as they were.

In: whylogs views of the same columns, or what is read of them without whylogs. Out: a new one of the
same form. Sketches are merged in place into fresh ones, so the cost of a profile does not grow with
the number already merged.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from mooring.profiles.reading import Profile, Sketches
from mooring.profiles.sketches import CONFIG, METRICS, kinds_of
from mooring.profiles.values import Kind


def merged(views: Sequence[View]) -> View:
    """Return the profile of the rows of all `views`.

    Its time is the earliest, its metadata what all agree on. Raises DataError when there is none,
    or when they are not of the same columns, each of a known kind.
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


def merged_sketches(profiles: Sequence[Profile]) -> Profile:
    """Return what drift is judged from, of the rows of all `profiles`. Raises DataError as `merged`."""
    kinds = kinds_of_all(profiles)
    whole = {}
    for name, kind in kinds.items():
        parts = [profile[name] for profile in profiles]
        rows, null, inf = (sum(getattr(p, of) for p in parts) for of in ("rows", "null", "inf"))
        values = _VALUES[kind](part.values for part in parts)
        whole[name] = Sketches(kind, rows, null, inf, values)
    return whole


def kinds_of_all(profiles: Sequence[Profile]) -> dict[str, Kind]:
    """Return the kind of each column. Raises DataError as `merged`."""
    return _same([{name: of.kind for name, of in profile.items()} for profile in profiles])


def _same(kinds: Sequence[dict[str, Kind]]) -> dict[str, Kind]:
    if not kinds:
        raise DataError("no profiles to merge", expected="at least one")
    for other in kinds:
        if other != kinds[0]:
            raise DataError(
                "profiles of different columns do not merge",
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
    kll = KllComponent(_kll(part.kll.value for part in parts))
    return DistributionMetric(kll, FractionalComponent(mean), FractionalComponent(m2))


def _frequent_items(parts: list[FrequentItemsMetric]) -> FrequentItemsMetric:
    items = _items(part.frequent_strings.value for part in parts)
    return FrequentItemsMetric(FrequentStringsComponent(items))


def _kll(parts: Iterable[Any]) -> Any:
    whole = kll_doubles_sketch(CONFIG.kll_k_large)
    for part in parts:
        whole.merge(part)
    return whole


def _items(parts: Iterable[Any]) -> Any:
    whole = FrequentItemsMetric.zero(CONFIG).frequent_strings.value
    for part in parts:
        whole.merge(part)
    return whole


_VALUES: dict[Kind, Callable[[Iterable[Any]], Any]] = {"number": _kll, "category": _items}


_MERGE: dict[str, Callable[[list[Any]], Metric]] = {
    "counts": _counts,
    "types": _types,
    "cardinality": _cardinality,
    "distribution": _distribution,
    "frequent_items": _frequent_items,
}
