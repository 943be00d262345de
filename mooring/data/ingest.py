"""Run the query of conf/data over its sources and stream the rows to Parquet, with a manifest.

In: the declared sources and one SELECT. Out: rows.parquet (key, time, target, inputs; ordered by
time, then key) and manifest.json, which pins query, sources, schema and rows. Works out of core:
DuckDB spills to a directory next to the output beyond runtime.memory_mb.
"""

import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from mooring.config.data import Data
from mooring.config.runtime import Runtime
from mooring.data.column_types import declared_types
from mooring.data.engines.duckdb import connect, explain_limits, fence, headline, scratch_beside
from mooring.data.fingerprint import fingerprint
from mooring.data.query import check_query, failed, read_query, refused
from mooring.data.sources.local_files import SourceFacts, register_sources, source_files
from mooring.errors import QueryError
from mooring.files import replacing, sha256_bytes, write_json

VIEW = "selected_rows"


def ingest(data: Data, runtime: Runtime, query: Path, rows: Path, manifest: Path) -> dict[str, Any]:
    """Write `rows` and `manifest`, and return the manifest.

    Raises SourceError, QueryError or EnvironmentFault; the old files then stay unchanged.
    """
    text = read_query(query)
    with scratch_beside(rows) as scratch, connect(runtime, scratch) as engine:
        check_query(text, data.query, data.sources, engine)
        connection = ibis.duckdb.from_connection(engine)
        with explain_limits(rows):
            sources = register_sources(connection, data.sources, scratch)
        with replacing(rows) as written:
            fence(engine, [*source_files(data.sources), written], [scratch])
            _write(connection, data, text, written, rows)
            facts = _manifest(engine, data, text, sources, written)
        write_json(manifest, facts)
    return facts


def _write(connection: Backend, data: Data, text: str, written: Path, rows: Path) -> None:
    try:
        connection.raw_sql(f"create temporary view {VIEW} as {text}\n")
    except duckdb.Error as error:
        raise failed(data.query, error) from error
    table = _typed(_selected(connection), data)
    try:
        with explain_limits(rows):
            connection.to_parquet(table, written, compression="zstd", use_tmp_file="false")
    except duckdb.Error as error:
        raise failed(data.query, _alone(connection, text, error)) from error


def _selected(connection: Backend) -> ir.Table:
    """Return the query's rows; ibis 12 calls a deprecated method of DuckDB 2 for their types."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", r"fetch_arrow_table\(\) is deprecated", DeprecationWarning
        )
        return connection.table(VIEW)


def _alone(connection: Backend, text: str, error: duckdb.Error) -> duckdb.Error:
    """Return the error of running the query alone, so that its line number matches the file."""
    try:
        result = connection.con.execute(text)
        while result.fetchmany(100_000):
            pass
    except duckdb.Error as alone:
        return alone
    return duckdb.Error(headline(error))


def _typed(table: ir.Table, data: Data) -> ir.Table:
    """Return the declared columns in their declared types and order."""
    types = declared_types(data)
    missing = [name for name in types if name not in table.columns]
    extra = [name for name in table.columns if name not in types]
    if missing:
        raise _columns(data, f"does not return column {', '.join(missing)}", table)
    if extra:
        raise _columns(
            data, f"returns column {', '.join(extra)}, which conf/data does not declare", table
        )
    cast = {name: _cast(table[name], name, type_, data) for name, type_ in types.items()}
    order = [cast[name] for name in (data.time and data.time.column, data.key) if name]
    return table.order_by(order).select(**cast)


def _columns(data: Data, what: str, table: ir.Table) -> QueryError:
    declared, given = ", ".join(declared_types(data)), ", ".join(table.columns)
    return refused(data.query, what, expected=declared, got=given)


def _cast(column: ir.Value, name: str, wanted: str, data: Data) -> ir.Value:
    """Cast a column if the cast is unambiguous."""
    given = column.type()
    unknown = str(given).startswith("unknown") or given.is_null()  # a column of nulls alone
    fits = {
        "double": given.is_numeric() or given.is_boolean(),
        "string": given.is_string() or given.is_integer() or given.is_uuid(),
        "timestamp": given.is_timestamp() or given.is_date(),
    }[wanted]
    if not (fits or unknown):
        what = f"returns column {name} as {given}"
        raise refused(
            data.query, what, expected=f"{wanted}, or a type that casts to it unambiguously"
        )
    if wanted == "double":
        return column.cast("float64")
    return column.cast(wanted)


def _manifest(
    engine: duckdb.DuckDBPyConnection,
    data: Data,
    text: str,
    sources: dict[str, SourceFacts],
    written: Path,
) -> dict[str, Any]:
    facts = fingerprint(engine, written, declared_types(data), data)
    if facts["rows"] == 0:
        raise refused(data.query, "returns no rows", expected="at least one row")
    return {
        "name": data.name,
        "query": {"file": data.query, "sha256": sha256_bytes(text.encode())},
        "sources": {
            name: source.model_dump(mode="json") | asdict(sources[name])
            for name, source in data.sources.items()
        },
        "schema": declared_types(data),
        **facts,
    }
