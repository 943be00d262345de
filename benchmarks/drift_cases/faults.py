"""What goes wrong, by name: the column that it is in, and the rows after it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

Values = Any
"""One column, a pandas Series."""
Spoil = Callable[[Values, np.random.Generator], Values]


class Fault(NamedTuple):
    """One thing that goes wrong."""

    name: str
    column: str
    limit: float | None
    """The least share of windows with an alarm in the column; None where it is only reported."""
    spoil: Spoil
    """The column's values → what they become."""

    def applied(self, frame: pd.DataFrame, seed: int) -> pd.DataFrame:
        """Return the rows after it."""
        spoilt = self.spoil(frame[self.column], np.random.default_rng(seed))
        return frame.assign(**{self.column: spoilt})


def _share(values: Values, random: np.random.Generator, frac: float) -> Values:
    return pd.Series(random.random(len(values)) < frac, index=values.index)


def _renamed(old: str | None, new: str, frac: float) -> Spoil:
    def spoil(values: Values, random: np.random.Generator) -> Values:
        hit = _share(values, random, frac)
        return (
            values.astype(object)
            .mask(hit & (values.notna() if old is None else values == old), new)
            .astype("category")
        )

    return spoil


def _scaled(by: float, frac: float) -> Spoil:
    return lambda values, random: values.mask(_share(values, random, frac), values * by)


def _added(what: float) -> Spoil:
    return lambda values, random: values + what


def _celsius(values: Values, random: np.random.Generator) -> Values:
    return (values - 32) / 1.8


def _half_deviation(values: Values, random: np.random.Generator) -> Values:
    return values + values.std() / 2


FAULTS = {
    "flights": (
        Fault("0.5% of rows of a new carrier", "carrier", 0.9, _renamed(None, "ZZ", 0.005)),
        Fault("a quarter of UA renamed AA", "carrier", 0.9, _renamed("UA", "AA", 0.25)),
        Fault("schedule 30 minutes later", "departure_minute", 0.9, _added(30)),
        Fault("Fahrenheit to Celsius", "temp", 0.9, _celsius),
        Fault("score + 0.05", "score", 0.9, _added(0.05)),
        Fault("miles to km in 10% of rows", "distance", 0.85, _scaled(1.609344, 0.1)),
        Fault("temperature half a deviation up", "temp", None, _half_deviation),
        Fault("wind in km/h in 10% of rows", "wind_speed", None, _scaled(1.609344, 0.1)),
        Fault("0.5% of rows of a new destination", "dest", 0.9, _renamed(None, "ZZZ", 0.005)),
        Fault("6% of rows of a new destination", "dest", 0.9, _renamed(None, "ZZZ", 0.06)),
    ),
    "sparse": (
        Fault("0.5% of rows of a new carrier", "carrier", 0.9, _renamed(None, "ZZ", 0.005)),
        Fault("0.5% of rows of a new destination", "dest", 0.85, _renamed(None, "ZZZ", 0.005)),
        Fault("0.5% of rows of a new maker", "manufacturer", None, _renamed(None, "ZZ", 0.005)),
        Fault("a quarter of UA renamed AA", "carrier", None, _renamed("UA", "AA", 0.25)),
        Fault("score + 0.05", "score", None, _added(0.05)),
        Fault("miles to km in 10% of rows", "distance", None, _scaled(1.609344, 0.1)),
    ),
    "weather": (
        # Of 72 rows a day a window holds 2.5 on average, and 8% of windows hold none: 92% is the most.
        Fault("0.5% of rows of a new airport", "origin", 0.9, _renamed(None, "ZZZ", 0.005)),
        Fault("1% of rows of a new airport", "origin", 0.9, _renamed(None, "ZZZ", 0.01)),
        Fault("a quarter of EWR renamed JFK", "origin", 0.9, _renamed("EWR", "JFK", 0.25)),
        Fault("clock an hour later", "hour", 0.9, _added(1)),
        Fault("Fahrenheit to Celsius", "temp", 0.9, _celsius),
        Fault("score + 0.05", "score", 0.9, _added(0.05)),
        Fault("wind in km/h", "wind_speed", None, _scaled(1.609344, 1.1)),
        Fault("pressure in inches in 10% of rows", "pressure", None, _scaled(0.02953, 0.1)),
        Fault("wind in km/h in 10% of rows", "wind_speed", None, _scaled(1.609344, 0.1)),
        Fault("temperature half a deviation up", "temp", None, _half_deviation),
    ),
}
