"""Check every row of rows.parquet against conf/data, in batches, and report every broken rule.

In: rows.parquet. Out: a report, written whether or not the rows pass, and an error that stops the
graph if they do not. Memory: one batch, and eight bytes for each row to find duplicate keys.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandera.pandas import DataFrameSchema

from mooring.config.data import Data
from mooring.data.column_types import declared_types
from mooring.data.continuity import Continuity, repeated_keys
from mooring.data.schema import batch_schema, failures
from mooring.data.violations import Violations
from mooring.errors import IntegrityError, ValidationError
from mooring.files import write_json

BATCH_ROWS = 100_000
_IS_TYPE = {
    "string": lambda type_: pa.types.is_string(type_) or pa.types.is_large_string(type_),
    "double": pa.types.is_float64,
    "timestamp": lambda type_: pa.types.is_timestamp(type_) and type_.tz is None,
}


def validate(data: Data, rows: Path, report: Path, batch_rows: int = BATCH_ROWS) -> dict[str, Any]:
    """Write the report and return it.

    Raises ValidationError naming each broken column and rule, its count and first rows, once the
    report is written; IntegrityError when `rows` is not a Parquet file.
    """
    try:
        with pq.ParquetFile(rows) as file:
            findings = _check(data, file, batch_rows)
    except (OSError, pa.ArrowException) as error:
        raise IntegrityError(
            "cannot be read as Parquet", where=str(rows), got=str(error), fix="run 'dvc repro'"
        ) from error
    write_json(report, findings)
    if not findings["passed"]:
        raise _error(findings, data, report)
    return findings


def _check(data: Data, file: pq.ParquetFile, batch_rows: int) -> dict[str, Any]:
    violations = Violations(data.key)
    nulls = dict.fromkeys(declared_types(data), 0)
    total = file.metadata.num_rows
    _check_types(data, file.schema_arrow, total, violations)
    if not violations.found:
        schema, continuity = batch_schema(data), Continuity(data)
        for batch in file.iter_batches(batch_size=batch_rows):
            _check_batch(schema, batch, continuity.rows, violations)
            for name in nulls:
                _count_nulls(data, name, batch, continuity.rows, nulls, violations)
            continuity.follow(batch, violations)
        violations.lift_allowed_nulls(data, total)
        for key, numbers in repeated_keys(file, data, continuity.hashes(), batch_rows).items():
            violations.add_value(data.key, "unique", numbers[1:], key, key)
    return {
        "data": data.name,
        "rows": total,
        "passed": not violations.found,
        "null_frac": {name: count / total if total else 0.0 for name, count in nulls.items()},
        "violations": violations.listed(data),
    }


def _check_types(data: Data, schema: pa.Schema, rows: int, violations: Violations) -> None:
    declared = declared_types(data)
    for name, wanted in declared.items():
        given = schema.field(name).type if name in schema.names else None
        if given is None:
            violations.add_whole(name, "present", rows, "no such column")
        elif not _IS_TYPE[wanted](given):
            violations.add_whole(name, f"type {wanted}", rows, str(given))
    for name in schema.names:
        if name not in declared:
            violations.add_whole(name, "declared", rows, "a column that conf/data does not declare")


def _check_batch(
    schema: DataFrameSchema, batch: pa.RecordBatch, start: int, violations: Violations
) -> None:
    frame = pd.DataFrame({name: batch.column(name).to_pandas() for name in schema.columns})
    for (column, check), broken in failures(schema, frame).groupby(["column", "check"], sort=False):
        violations.add(str(column), str(check), [int(row) for row in broken["index"]], batch, start)
    for name in schema.columns:
        if pa.types.is_floating(batch.column(name).type):  # pandas would treat NaN as missing
            broken = pc.indices_nonzero(pc.fill_null(pc.is_nan(batch.column(name)), False))
            violations.add(name, "finite", broken.to_pylist(), batch, start)


def _count_nulls(
    data: Data,
    name: str,
    batch: pa.RecordBatch,
    start: int,
    nulls: dict[str, int],
    violations: Violations,
) -> None:
    column = batch.column(name)
    nulls[name] += column.null_count
    if column.null_count and name != data.target.column:
        missing = pc.indices_nonzero(column.is_null()).to_pylist()
        violations.add(name, "max_null_frac", missing, batch, start)


def _error(findings: dict[str, Any], data: Data, report: Path) -> ValidationError:
    listed = "\n".join(_line(violation) for violation in findings["violations"])
    return ValidationError(
        f"broken rules of conf/data: {len(findings['violations'])} ({findings['rows']} rows checked)",
        where=data.name,
        got=f"(all in {report})\n{listed}",
        fix=f"correct the sources or {data.query} (or the rule in conf/data, if the rows are right), "
        "then run 'dvc repro'",
    )


def _line(violation: dict[str, Any]) -> str:
    rows = ", ".join(
        f"row {row['row']} ({row['key']}) = {row['value']!r}" for row in violation["first"]
    )
    limit = "" if violation["limit"] is None else f" {violation['limit']:g}"
    share = f"    {violation['column']}: {violation['rule']}{limit}: {violation['count']} rows"
    return f"{share}: {rows}" if rows else f"{share}: {violation['got']}"
