"""Read the rows of some days from Parquet, a few thousand at a time, in order of time.

In: rows.parquet as the ingest stage writes it, or a file with the same columns. Out: Rows, as arrays.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mooring.config.data import Data, Time
from mooring.data.column_types import declared_types
from mooring.days import YEARS
from mooring.errors import ConfigError, DataError

CHUNK_ROWS = 1024
ARROW = {"string": pa.string(), "double": pa.float64(), "timestamp": pa.timestamp("us")}
Instants = NDArray[np.datetime64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class DaySpan:
    """Whole days of a zone, both ends included."""

    first: datetime.date
    last: datetime.date
    zone: str

    @property
    def start(self) -> np.datetime64:
        """The first instant, datetime64[us] in UTC."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> np.datetime64:
        """The first instant after the window, datetime64[us] in UTC."""
        return midnight(self.last + datetime.timedelta(days=1), self.zone)

    def __str__(self) -> str:
        return f"{self.first} to {self.last} ({self.zone})"


def window_of(data: Data, first: datetime.date, last: datetime.date) -> DaySpan:
    """Return the window of whole days in the data's time zone. Raises ConfigError if it is empty."""
    if first > last or not {first.year, last.year} <= {*YEARS}:
        raise ConfigError(
            "the window from --from to --to is empty or out of range",
            expected=f"--from at most --to, in the years {YEARS[0]} to {YEARS[-1]}",
            got=f"{first} and {last}",
        )
    return DaySpan(first, last, time_of(data).zone)


@dataclass(frozen=True)
class Rows:
    """Rows in order of time, (n,) each."""

    clock: Instants
    """The prediction times, datetime64[us] in UTC; the pace and the labels use them."""
    times: Instants
    """The times that the requests contain; a clock fault changes them."""
    keys: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]
    """Numbers as float64, NaN for missing; categories as texts, None for missing."""
    absent: Mapping[str, Mask] = field(default_factory=dict)
    """By column, the rows that are sent without it."""

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, where: Any) -> "Rows":
        """Return the rows at some positions or of a mask."""
        return Rows(
            self.clock[where],
            self.times[where],
            self.keys[where],
            {name: values[where] for name, values in self.columns.items()},
            {name: mask[where] for name, mask in self.absent.items()},
        )

    def with_column(self, name: str, values: NDArray[Any]) -> "Rows":
        """Return the same rows with other values in one column."""
        return replace(self, columns={**self.columns, name: values})


def midnight(day: datetime.date, zone: str) -> np.datetime64:
    """Return the start of a day of `zone`, as datetime64[us] in UTC."""
    local = datetime.datetime.combine(day, datetime.time(), tzinfo=ZoneInfo(zone))
    return np.datetime64(local.astimezone(datetime.UTC).replace(tzinfo=None), "us")


def time_of(data: Data) -> Time:
    """Return the declared time of the rows. Raises ConfigError if conf/data declares no time."""
    if data.time is None:
        raise ConfigError(
            "rows without a time cannot be replayed",
            where="params.yaml: data.time",
            expected="the column with a row's prediction time, and its time zone",
            got="null",
        )
    return data.time


def read(path: Path, data: Data, window: DaySpan, columns: Sequence[str]) -> Iterator[Rows]:
    """Yield the rows of the window with some of the columns: inputs, or the target.

    Raises DataError when the file cannot be read, lacks a column, has a column of another type, has a
    row without a key or a time, or is not in order of time.
    """
    time = time_of(data).column
    names = [data.key, time, *columns]
    types = pa.schema([(name, ARROW[declared_types(data)[name]]) for name in names])
    before = window.start
    for batch in _batches(path, names, time, window):
        cast = [_cast(batch.column(name), types.field(name), path) for name in names]
        if cast[0].null_count or cast[1].null_count:
            raise _unfit(path, f"a row has no {data.key} or no {time}")
        keys, clock, *values = (column.to_numpy(zero_copy_only=False) for column in cast)
        inside = (window.start <= clock) & (clock < window.end)
        rows = Rows(clock, clock, keys, dict(zip(columns, values, strict=True))).take(inside)
        if not len(rows):
            continue
        if rows.clock[0] < before or (rows.clock[1:] < rows.clock[:-1]).any():
            raise _unfit(path, f"the rows are not in order of {time}")
        before = rows.clock[-1]
        yield rows


def _batches(path: Path, names: list[str], time: str, window: DaySpan) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path) as file:
            lacking = [name for name in names if name not in file.schema_arrow.names]
            if lacking:
                raise _unfit(
                    path,
                    f"column {', '.join(lacking)} is missing",
                    ", ".join(file.schema_arrow.names),
                )
            groups = [
                number
                for number in range(file.num_row_groups)
                if _meets(file, number, time, window)
            ]
            yield from file.iter_batches(CHUNK_ROWS, row_groups=groups, columns=names)
    except (OSError, pa.ArrowException) as error:
        raise _unfit(path, "cannot be read as Parquet", str(error).splitlines()[0]) from error


def _meets(file: pq.ParquetFile, number: int, time: str, window: DaySpan) -> bool:
    """Return whether a row group may contain rows of the window, by its statistics."""
    group = file.metadata.row_group(number)
    position = [group.column(i).path_in_schema for i in range(group.num_columns)].index(time)
    kept = group.column(position).statistics
    if kept is None or not kept.has_min_max or not isinstance(kept.min, datetime.datetime):
        return True
    low, high = (
        at.astimezone(datetime.UTC).replace(tzinfo=None) if at.tzinfo else at
        for at in (kept.min, kept.max)
    )
    return bool(np.datetime64(low, "us") < window.end and window.start <= np.datetime64(high, "us"))


def _cast(column: pa.Array, wanted: pa.Field, path: Path) -> pa.Array:
    try:
        # Truncate to microseconds; convert a time with a zone to UTC.
        return column.cast(wanted.type, safe=not pa.types.is_timestamp(wanted.type))
    except pa.ArrowException as error:
        got = f"{column.type}: {str(error).splitlines()[0]}"
        raise _unfit(path, f"column {wanted.name} is not a {wanted.type}", got) from error


def _unfit(path: Path, what: str, got: str = "") -> DataError:
    return DataError(
        what,
        where=str(path),
        expected="a Parquet file like data/rows.parquet, which 'dvc repro ingest' writes",
        got=got,
    )
