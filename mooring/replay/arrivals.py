"""Delayed labels: each arrives a fixed time after its row's prediction time, grouped by day of arrival.

In: the replayed rows, without faults. Out: one table of labels for each day, in order.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mooring.config.data import Data
from mooring.days import local_days
from mooring.records import labels
from mooring.replay.past_rows import DaySpan, midnight, read


class Arrived(NamedTuple):
    """The labels that arrive on one day."""

    day: datetime.date
    """The day, in the data's time zone."""
    until: float
    """The end of the day, in seconds since 1970."""
    table: pa.Table
    """labels.SCHEMA."""


def arrivals(
    path: Path, data: Data, window: DaySpan, delay: datetime.timedelta
) -> Iterator[Arrived]:
    """Yield the labels of the window's rows, one day at a time. Raises DataError like `read`."""
    parts = list[pa.Table]()
    current: np.datetime64 | None = None
    for rows in read(path, data, window, (data.target.column,)):
        times = rows.clock + np.timedelta64(delay, "us")
        days = local_days(times, window.zone)
        for day in np.unique(days):
            if current is not None and day != current:
                yield _arrived(current, parts, window.zone)
                parts = []
            current, of_day = day, days == day
            values = rows.columns[data.target.column][of_day]
            parts.append(labels.table(rows.keys[of_day], values, times[of_day]))
    if current is not None:
        yield _arrived(current, parts, window.zone)


def _arrived(day: np.datetime64, parts: list[pa.Table], zone: str) -> Arrived:
    found = datetime.date.fromisoformat(str(day))
    end = midnight(found + datetime.timedelta(days=1), zone)
    return Arrived(found, end.astype("int64").item() / 1e6, pa.concat_tables(parts))
