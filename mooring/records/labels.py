"""The label store: the labels of rows, in Parquet parts by the day of arrival.

In: keys and labels. Out: `labels/<day>/` in a store. A null label means that it is still unknown.
"""

import io
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mooring.records.parts import Part
from mooring.records.store import Store

DIRECTORY = "labels"
SUFFIX = ".parquet"
SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("label", pa.float64()),
        pa.field("time", pa.timestamp("us", "UTC"), nullable=False),  # of arrival
    ]
)


def table(
    keys: NDArray[np.object_], values: NDArray[np.float64], times: NDArray[np.datetime64]
) -> pa.Table:
    """Return labels, (n,) each, NaN for unknown; `times` is datetime64[us] in UTC."""
    arrays = [
        pa.array(keys, pa.string()),
        pa.array(values, pa.float64(), from_pandas=True),
        pa.array(times).cast(SCHEMA.field("time").type),
    ]
    return pa.table(arrays, schema=SCHEMA)


def put_labels(store: Store, day: date, stream: str, number: int, labels: pa.Table) -> None:
    """Put one part of a stream's labels, unless it exists: the same labels make the same part.

    An existing part keeps its age, from which label silence is measured. Raises OSError when the store
    refuses or does not answer, EnvironmentFault when it cannot be read.
    """
    buffer = io.BytesIO()
    pq.write_table(labels, buffer, compression="zstd")
    content = buffer.getvalue()
    directory, part = f"{DIRECTORY}/{day}", Part.of(stream, number, content, SUFFIX)
    if part not in store.parts(directory):
        store.put(directory, part, content)
