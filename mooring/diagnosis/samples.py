"""What sketches say about one number column beyond its counts by bin: the spread and the distribution.

In: the profiles of some days, as mooring/profiles/reading.py reads them. Out: a Sample.
"""

from collections.abc import Sequence

import numpy as np

from mooring.drift.conversions import Sample
from mooring.metrics.weighted import Floats
from mooring.profiles.reading import Profile, Sketches

N_POINTS = 256
"""Evenly spaced quantiles that represent a sketch's values."""


def sample_of(days: Sequence[Sequence[Profile]], column: str) -> Sample:
    """Return a column's values of some days, each of which may have several profiles or none."""
    by_day = [_parts(profiles, column) for profiles in days]
    values = [np.concatenate([np.empty(0), *map(_points, parts)]) for parts in by_day]
    weights = [np.concatenate([np.empty(0), *map(_weights, parts)]) for parts in by_day]
    rows = np.array([of_day.sum() for of_day in weights])
    total = max(float(rows.sum()), 1.0)
    mean = sum(float(v @ w) for v, w in zip(values, weights, strict=True)) / total
    parts = [part for of_day in by_day for part in of_day]

    def cdf(points: Floats) -> Floats:
        unique, index = np.unique(np.nextafter(points, np.inf), return_inverse=True)
        below = sum(
            np.cumsum(part.values.get_pmf(unique.tolist())[:-1]) * part.present for part in parts
        )
        return np.asarray(below / total)[index]

    variances = np.array([_variance(v, w) for v, w in zip(values, weights, strict=True)])
    return Sample(rows, variances, mean, cdf)


def _parts(profiles: Sequence[Profile], column: str) -> list[Sketches]:
    found = [profile[column] for profile in profiles if column in profile]
    return [part for part in found if part.kind == "number" and part.present]


def _points(part: Sketches) -> Floats:
    n = min(part.present, N_POINTS)
    return np.asarray(part.values.get_quantiles(((np.arange(n) + 0.5) / n).tolist()))


def _weights(part: Sketches) -> Floats:
    n = min(part.present, N_POINTS)
    return np.full(n, part.present / n)


def _variance(values: Floats, weights: Floats) -> float:
    if not len(values):
        return 0.0
    mean = np.average(values, weights=weights)
    return float(np.average((values - mean) ** 2, weights=weights))
