"""Fingerprint the rows of a Parquet file: counts, time span, and a hash that ignores their order.

In: a Parquet file of ingest. Out: counts, the time span in UTC, and rows_hash.
"""

from pathlib import Path
from typing import Any

import duckdb

from mooring.config.data import Data
from mooring.data.engines.duckdb import explain_limits, identifier, literal

_MASK = 2**64 - 1


def fingerprint(
    connection: duckdb.DuckDBPyConnection, file: Path, types: dict[str, str], data: Data
) -> dict[str, Any]:
    """Return the facts of the rows, in one pass over the file.

    rows_hash is the sum, modulo 2**128, of the md5 of every row's text (read as a little-endian
    number). Unlike an exclusive or, a sum counts duplicate rows. It detects changes, not forgery.
    """
    target = identifier(data.target.column)
    time = identifier(data.time.column) if data.time else "null::timestamp"
    select = f"""
        select count(*), count(*) - count({target}), strftime(min({time}), '%Y-%m-%dT%H:%M:%SZ'),
          strftime(max({time}), '%Y-%m-%dT%H:%M:%SZ'),
          sum((md5 >> 64)::ubigint), sum((md5 & {_MASK})::ubigint)
        from (select *, md5_number({row_text(types)}) as md5 from read_parquet({literal(file)}))
    """
    with explain_limits(file):
        found = connection.execute(select).fetchone()
    assert found is not None
    rows, unlabelled, first, last, high, low = found
    total = ((int(high or 0) << 64) + int(low or 0)) % 2**128
    span = {"column": data.time.column, "first": first, "last": last} if data.time else None
    return {
        "rows": rows,
        "unlabelled_rows": unlabelled,
        "time": span,
        "rows_hash": f"md5sum128:{total:032x}",
    }


def row_text(types: dict[str, str]) -> str:
    """Return the SQL that encodes one row as an unambiguous text.

    A missing value is `N,`; a text `length:text,`; a number its shortest exact decimal; a time its
    microseconds since 1970. So '' differs from missing, and ('a', 'bc') from ('ab', 'c').
    """
    return "concat(" + ", ".join(_value_text(name, type_) for name, type_ in types.items()) + ")"


def _value_text(name: str, type_: str) -> str:
    column = identifier(name)
    text = {
        "string": f"strlen({column}) || ':' || {column}",
        "double": f"{column}::varchar",
        "timestamp": f"epoch_us({column})::varchar",
    }[type_]
    return f"coalesce({text} || ',', 'N,')"
