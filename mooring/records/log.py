"""The prediction log: one line for each score of a model, in Parquet parts by day.

In: a store. Out: Arrow tables. `predictions/<day>/` holds the parts of one day, by the rows' own time.
"""

import io
from collections.abc import Generator, Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mooring.records.store import Store

DIRECTORY = "predictions"
SUFFIX = ".parquet"
GROUP_ROWS = 4096
"""Rows that are encoded at once, in about a millisecond."""
SCHEMA = pa.schema(
    [
        pa.field("request_id", pa.string(), nullable=False),
        pa.field("row", pa.int32(), nullable=False),  # its position in the request
        pa.field("key", pa.string()),  # joins a delayed label
        pa.field("model", pa.string(), nullable=False),  # the sha256 of the model
        pa.field("returned", pa.bool_(), nullable=False),  # false for a shadow's score
        pa.field("score", pa.float64(), nullable=False),
        pa.field(
            "time", pa.timestamp("us", "UTC"), nullable=False
        ),  # the row's own, else its arrival
    ]
)


def table(columns: Mapping[str, Any]) -> pa.Table:
    """Return columns, (n,) each, as lines of the log; `time` is datetime64[us] in UTC."""
    arrays = [pa.array(columns[field.name], type=field.type) for field in SCHEMA]
    return pa.table(arrays, schema=SCHEMA)


def encode(lines: pa.Table) -> Generator[None, None, bytes]:
    """Return lines of the log as one Parquet file; yield after each of its row groups."""
    buffer = io.BytesIO()
    # Ids are unique: a dictionary of them costs time and makes the file larger.
    with pq.ParquetWriter(buffer, SCHEMA, compression="zstd", use_dictionary=["model"]) as file:
        for start in range(0, len(lines), GROUP_ROWS):
            file.write_table(lines.slice(start, GROUP_ROWS))
            yield
    return buffer.getvalue()


def read_predictions(url: str, *, since: date | None = None, until: date | None = None) -> pa.Table:
    """Return the log of the days `since` to `until`, both included, in no particular order.

    Raises IntegrityError naming a corrupt part.
    """
    with Store(url) as store:
        tables = list(_tables(store, since, until))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _tables(store: Store, since: date | None, until: date | None) -> Iterator[pa.Table]:
    for day in days_between(store, DIRECTORY, since, until):
        directory = f"{DIRECTORY}/{day}"
        for part in store.parts(directory):
            if part.suffix == SUFFIX:
                content = store.read(directory, part)
                yield pq.read_table(pa.BufferReader(content), schema=SCHEMA)


def days_between(
    store: Store, directory: str, since: date | None, until: date | None
) -> Iterator[str]:
    """Yield the days below `directory` from `since` to `until`, both included, as YYYY-MM-DD."""
    for name in store.directories(directory):
        try:
            day = date.fromisoformat(name)
        except ValueError:
            continue
        if (since is None or since <= day) and (until is None or day <= until):
            yield name
