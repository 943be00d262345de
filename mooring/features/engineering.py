"""Write the features of one window: its rows with derived columns, in the model's column order.

Rows are streamed in batches, so memory does not grow with the window.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mooring import files
from mooring.errors import DataError
from mooring.features.arrays import input_columns, number_array
from mooring.features.derivation import Derivation
from mooring.features.layout import Layout

BATCH_ROWS = 100_000


def write_features(rows: Path, output: Path, layout: Layout) -> int:
    """Derive the columns of `rows`, write them to `output`, and return the number of rows.

    Raises DataError for an infinite feature, which no model accepts.
    """
    source, n_rows = pq.ParquetFile(rows), 0
    derivation = Derivation(layout.spec)
    with files.replacing(output) as temporary:
        schema = _schema(source.schema_arrow, layout)
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for batch in source.iter_batches(BATCH_ROWS):
                writer.write_table(_features(batch, layout, derivation, schema, rows))
                n_rows += len(batch)
    return n_rows


def _carried(layout: Layout) -> list[str]:
    return [layout.key, *([layout.time.column] if layout.time else [])]


def _schema(stored: pa.Schema, layout: Layout) -> pa.Schema:
    spec = layout.spec
    return pa.schema(
        [stored.field(name) for name in _carried(layout)]
        + [pa.field(name, pa.float64()) for name in (layout.target, *spec.numeric)]
        + [pa.field(name, pa.string()) for name in spec.categorical]
    )


def _features(
    batch: Any, layout: Layout, derivation: Derivation, schema: pa.Schema, rows: Path
) -> pa.Table:
    columns = derivation.derive(input_columns(batch, derivation.spec))
    for name in derivation.spec.numeric:
        _refuse_infinite(name, columns[name], batch.column(layout.key), rows)
    arrays = [batch.column(name) for name in _carried(layout)]
    arrays.append(pa.array(number_array(batch.column(layout.target))))
    arrays += [pa.array(columns[name]) for name in derivation.spec.numeric]
    arrays += [pa.array(columns[name], pa.string()) for name in derivation.spec.categorical]
    return pa.table(arrays, schema=schema)


def _refuse_infinite(name: str, values: Any, keys: Any, rows: Path) -> None:
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        first = ", ".join(str(keys[int(row)]) for row in infinite[:5])
        raise DataError(
            f"feature {name} is infinite in {len(infinite)} rows",
            where=str(rows),
            expected="finite numbers; missing ones are imputed",
            got=f"rows {first}",
            fix=f"bound the column in conf/data, or correct {name} in mooring/features/derived.py",
        )
