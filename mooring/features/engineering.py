"""Write the features of one window: its rows with derived columns, in the order that the model takes.

Rows stream through in batches, so memory does not grow with the window.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mooring import files
from mooring.config.data import Data
from mooring.errors import DataError
from mooring.features.columns import input_columns, number_array
from mooring.features.derivation import Derivation

BATCH_ROWS = 100_000


def write_features(rows: Path, output: Path, data: Data, derivation: Derivation) -> int:
    """Derive the columns of every row of `rows`, write them to `output`, return how many rows.

    Raises DataError for an infinite feature, which no model can take.
    """
    source, n_rows = pq.ParquetFile(rows), 0
    with files.replacing(output) as temporary:
        schema = _schema(source.schema_arrow, data, derivation)
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for batch in source.iter_batches(BATCH_ROWS):
                writer.write_table(_features(batch, data, derivation, schema, rows))
                n_rows += len(batch)
    return n_rows


def _carried(data: Data) -> list[str]:
    return [data.key, *([data.time.column] if data.time else [])]


def _schema(stored: pa.Schema, data: Data, derivation: Derivation) -> pa.Schema:
    spec = derivation.spec
    return pa.schema(
        [stored.field(name) for name in _carried(data)]
        + [pa.field(name, pa.float64()) for name in (data.target.column, *spec.numeric)]
        + [pa.field(name, pa.string()) for name in spec.categorical]
    )


def _features(
    batch: Any, data: Data, derivation: Derivation, schema: pa.Schema, rows: Path
) -> pa.Table:
    columns = derivation.derive(input_columns(batch, derivation.spec))
    for name in derivation.spec.numeric:
        _refuse_infinite(name, columns[name], batch.column(data.key), rows)
    arrays = [batch.column(name) for name in _carried(data)]
    arrays.append(pa.array(number_array(batch.column(data.target.column))))
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
            mend=f"bound the column in conf/data, or correct {name} in mooring/features/derived.py",
        )
