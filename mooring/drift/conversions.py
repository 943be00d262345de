"""Whether a number moved because somebody changed its unit: Celsius for Fahrenheit, km for miles, a factor.

In: a column's values on the days of the reference and of one window. Out: the conversion that explains
the window, and for what share of its values; None where none does. Two things must agree. The reference,
converted for that share, lies as the window does. And values spread within each day as converted ones
would, which hardly a window of the reference does: a season moves values, a unit stretches them as well.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mooring.drift.draws import Draws
from mooring.metrics.weighted import Floats

SHARES = np.append(np.arange(1, 20) / 20, 1.0)
"""Of a window's values that may have been converted."""
LEFT = 0.4
"""Of the distance to the reference: more than that, and a conversion explains too little."""
UNUSUAL = 0.01
"""Of the reference's own windows spread less within their days than the window, or more. Both limits as
benchmarks.drift found them: of the windows that drift with the seasons one in 200 reads as a changed unit."""
LEAST_VALUES = 20
"""A day of fewer values says nothing of how values spread."""
LEAST_SPREAD = 1e-300


class Conversion(NamedTuple):
    """What a value becomes in another unit: factor * value + offset."""

    looks_like: str
    factor: float
    offset: float
    of: str
    """A pattern of the units, as conf/data declares them, that it is looked for in."""


KM = 1.609344
FAHRENHEIT, CELSIUS = (
    r"fahrenheit|°\s*f\b|\bdeg\w*\s+f\b",
    r"celsius|centigrade|°\s*c\b|\bdeg\w*\s+c\b",
)
MILES, KILOMETRES = r"\bmiles?\b|\bmph\b", r"\bkilomet|\bkm\b|\bkm/h\b|\bkmh\b|\bkph\b"
CONVERSIONS = (
    Conversion("degrees Celsius", 5 / 9, -160 / 9, FAHRENHEIT),
    Conversion("degrees Fahrenheit", 9 / 5, 32.0, CELSIUS),
    Conversion("kilometres", KM, 0.0, MILES),
    Conversion("miles", 1 / KM, 0.0, KILOMETRES),
    Conversion("hours", 1 / 60, 0.0, r"(?<!per )\bminutes?\b"),
    Conversion("minutes", 60.0, 0.0, r"(?<!per )\bhours?\b"),
    *(Conversion(f"{by} times as much", float(by), 0.0, "") for by in (10, 100, 1000)),
    *(Conversion(f"1/{by} of it", 1 / by, 0.0, "") for by in (10, 100, 1000)),
)


@dataclass(frozen=True)
class Sample:
    """The values of one column on some days."""

    rows: Floats
    """(n_days,): how many values each has."""
    variances: Floats
    """(n_days,): within each."""
    mean: float
    """Of all."""
    cdf: Callable[[Floats], Floats]
    """Of all: the shares of values up to each of some points, (n,)."""

    def pooled(self, days: Floats) -> Floats:
        """Return the variance within days, (n,), over those that each row of `days`, (n, n_days), has."""
        weights = np.where(self.rows >= LEAST_VALUES, self.rows, 0.0)
        total = days @ weights
        return (days @ (weights * self.variances)) / np.where(total > 0, total, np.nan)


class Explanation(NamedTuple):
    """What explains a window."""

    conversion: Conversion
    share: float
    """Of the window's values that were converted, in twentieths."""


def candidates(unit: str) -> tuple[Conversion, ...]:
    """Return the conversions that are looked for in a column of that unit: factors of ten in any."""
    return tuple(each for each in CONVERSIONS if re.search(each.of, unit, re.IGNORECASE))


def explanation(
    reference: Sample,
    window: Sample,
    *,
    edges: Floats,
    conversions: Sequence[Conversion],
    draws: Sequence[Draws],
    alpha: float,
) -> Explanation | None:
    """Return the conversion of the reference that explains the window best, None where none does.

    `edges` are those of the reference's bins, and `draws` its own windows, which say how spread changes
    where nothing has been converted.
    """
    changes = np.concatenate([_changes(reference, each) for each in draws])
    base = float(reference.pooled(np.ones((1, len(reference.rows))))[0])
    spread = float(window.pooled(np.ones((1, len(window.rows))))[0])
    if not (len(changes) and base > LEAST_SPREAD and spread > LEAST_SPREAD):
        return None
    change = 0.5 * np.log(spread / base)
    least, low, high, most = np.quantile(changes, [UNUSUAL, alpha / 2, 1 - alpha / 2, 1 - UNUSUAL])
    if least <= change <= most:
        return None
    left = LEFT * np.abs(window.cdf(edges) - reference.cdf(edges)).max()
    fits = [
        (distance, number, share)
        for number, each in enumerate(conversions)
        for share, distance in _distances(reference, window, edges, each)
        if low <= change - _change(each, share, reference.mean, base) <= high and distance <= left
    ]
    if not fits:
        return None
    _, number, share = min(fits)
    return Explanation(conversions[number], share)


def _changes(reference: Sample, draws: Draws) -> Floats:
    """Return by how much the spread within days of each drawn window differs, as a logarithm."""
    inside, outside = reference.pooled(draws.windows), reference.pooled(draws.others)
    known = (inside > LEAST_SPREAD) & (outside > LEAST_SPREAD)
    found: Floats = 0.5 * np.log(inside[known] / outside[known])
    return found


def _change(conversion: Conversion, share: float, mean: float, variance: float) -> float:
    """Return by how much the spread within days changes where a share of each day is converted."""
    factor, between = conversion.factor, (conversion.factor - 1) * mean + conversion.offset
    mixed = (1 - share) + share * factor**2 + share * (1 - share) * between**2 / variance
    return float(0.5 * np.log(mixed))


def _distances(
    reference: Sample, window: Sample, edges: Floats, conversion: Conversion
) -> Iterator[tuple[float, float]]:
    """Yield each share, and how far the window is from the reference with that share of it converted."""
    converted = conversion.factor * edges + conversion.offset
    points = np.union1d(edges, converted)
    back = (points - conversion.offset) / conversion.factor
    # A value that is a point itself must stay so: half of the last digits are lost on the way back.
    back = back + 1e-9 * np.abs(back)
    now, usual, other = window.cdf(points), reference.cdf(points), reference.cdf(back)
    for share in SHARES.tolist():
        yield share, float(np.abs(now - ((1 - share) * usual + share * other)).max())
