"""Derived columns: one small function each, shared by training and the server.

A function's name is the column's name, its parameters are the columns that it reads (inputs, or derived
columns listed before it), and its return type is the column's type. It takes whole columns and works row
by row: arrays of shape (n,), float64 with NaN for missing, or text with '' for missing.
To add a column, add a function here and its name to conf/features.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

Number = Annotated[NDArray[np.float64], "number"]
Category = Annotated[NDArray[np.object_], "category"]

MINUTES_PER_DAY = 24 * 60


def departure_sin(departure_minute: Number) -> Number:
    """The sine of the departure's time of day; -1 to 1."""
    return np.sin(departure_minute * (2 * np.pi / MINUTES_PER_DAY))


def departure_cos(departure_minute: Number) -> Number:
    """The cosine of the departure's time of day; -1 to 1."""
    return np.cos(departure_minute * (2 * np.pi / MINUTES_PER_DAY))


def wind_x(wind_speed: Number, wind_dir: Number) -> Number:
    """Wind from the east, in the unit of wind_speed; wind_dir is in degrees from north."""
    return wind_speed * np.sin(np.deg2rad(wind_dir))


def wind_y(wind_speed: Number, wind_dir: Number) -> Number:
    """Wind from the north, in the unit of wind_speed; wind_dir is in degrees from north."""
    return wind_speed * np.cos(np.deg2rad(wind_dir))


def route(origin: Category, dest: Category) -> Category:
    """The pair of origin and destination airports."""
    joined: Category = origin + "-" + dest
    return joined
