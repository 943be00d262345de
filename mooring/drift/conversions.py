"""Whether a number moved because its unit changed: Celsius for Fahrenheit, km for miles, a factor.

In: a column's values on the days of the reference and of one window. Out: the conversion that explains
the window, and the share of its values that were converted; None if there is none. Two things must agree.
The reference, with that share converted, has the distribution of the window. And values spread within each
day as converted ones would: a season moves values, a change of unit also stretches them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mooring.drift.draws import Draws
from mooring.metrics.weighted import Floats

SHARES = np.append(np.arange(1, 20) / 20, 1.0)
"""The shares of a window's values that may have been converted."""
LEFT = 0.4
"""The fraction of the distance to the reference that a conversion may leave unexplained."""
UNUSUAL = 0.01
"""The fraction of the reference's own windows that may spread less within days than the window, or more.
With both limits, benchmarks.drift takes one in 200 windows of seasonal drift for a changed unit."""
LEAST_VALUES = 20
"""A day with fewer values says nothing about the spread."""
LEAST_SPREAD = 1e-300


class Conversion(NamedTuple):
    """What a value becomes in another unit: factor * value + offset."""

    looks_like: str
    factor: float
    offset: float
    of: str
    """A pattern of the declared units (conf/data) that it applies to."""


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
    *(Conversion(f"values multiplied by {by}", float(by), 0.0, "") for by in (10, 100, 1000)),
    *(Conversion(f"values divided by {by}", 1 / by, 0.0, "") for by in (10, 100, 1000)),
)


@dataclass(frozen=True)
class Sample:
    """The values of one column on some days."""

    rows: Floats
    """(n_days,): the number of values."""
    variances: Floats
    """(n_days,): the variance within the day."""
    mean: float
    """The mean of all values."""
    cdf: Callable[[Floats], Floats]
    """Maps points, (n,), to the share of all values up to each."""

    def pooled(self, days: Floats) -> Floats:
        """Return the variance within the days that each row of `days`, (n, n_days), selects; (n,)."""
        weights = np.where(self.rows >= LEAST_VALUES, self.rows, 0.0)
        total = days @ weights
        return (days @ (weights * self.variances)) / np.where(total > 0, total, np.nan)


class Explanation(NamedTuple):
    """The conversion that explains a window."""

    conversion: Conversion
    share: float
    """The share of the window's values that were converted, in twentieths."""


def candidates(unit: str) -> tuple[Conversion, ...]:
    """Return the conversions that may apply to a column of that unit: factors of ten to any."""
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
    """Return the conversion of the reference that explains the window best, None if none does.

    `edges` are those of the reference's bins, and `draws` its own windows, which show how spread changes
    when nothing has been converted.
    """
    changes = np.concatenate([_changes(reference, windows) for windows in draws])
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
        for number, conversion in enumerate(conversions)
        for share, distance in _distances(reference, window, edges, conversion)
        if low <= change - _change(conversion, share, reference.mean, base) <= high
        and distance <= left
    ]
    if not fits:
        return None
    _, number, share = min(fits)
    return Explanation(conversions[number], share)


def _changes(reference: Sample, draws: Draws) -> Floats:
    """Return the log change of the spread within days of each drawn window."""
    inside, outside = reference.pooled(draws.windows), reference.pooled(draws.others)
    varied = (inside > LEAST_SPREAD) & (outside > LEAST_SPREAD)
    changes: Floats = 0.5 * np.log(inside[varied] / outside[varied])
    return changes


def _change(conversion: Conversion, share: float, mean: float, variance: float) -> float:
    """Return the log change of the spread within days if a share of each day is converted."""
    factor, between = conversion.factor, (conversion.factor - 1) * mean + conversion.offset
    mixed = (1 - share) + share * factor**2 + share * (1 - share) * between**2 / variance
    return float(0.5 * np.log(mixed))


def _distances(
    reference: Sample, window: Sample, edges: Floats, conversion: Conversion
) -> Iterator[tuple[float, float]]:
    """Yield each share, and how far the window is from the reference with that share converted."""
    converted = conversion.factor * edges + conversion.offset
    points = np.union1d(edges, converted)
    back = (points - conversion.offset) / conversion.factor
    # A value at a point must still count as up to it: the way back loses the last digits.
    back = back + 1e-9 * np.abs(back)
    now, usual, other = window.cdf(points), reference.cdf(points), reference.cdf(back)
    for share in SHARES.tolist():
        yield share, float(np.abs(now - ((1 - share) * usual + share * other)).max())
