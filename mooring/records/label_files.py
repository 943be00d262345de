"""Read delayed labels: Parquet or CSV, a file or a directory, local or remote.

In: an fsspec URL and the names of two columns. Out: one table of key and label as written, including
duplicates and contradictions.
"""

from pathlib import PurePosixPath
from typing import Any

import fsspec
import pyarrow as pa
from pyarrow import csv, parquet

from mooring.errors import SourceError
from mooring.records.parts import Part

SUFFIXES = (".parquet", ".csv")


def read_labels(url: str, key: str, label: str) -> pa.Table:
    """Return key: string and label: float64.

    A part of a label store is verified first. Raises SourceError when the file is missing, unreadable,
    lacks a column, or holds labels that are not numbers; IntegrityError for a corrupt part.
    """
    try:
        system, root = fsspec.core.url_to_fs(url)
        names = sorted(system.find(root)) if system.isdir(root) else [root]
        if names == [root] and not system.exists(root):
            raise FileNotFoundError("no such file or directory")
    except (OSError, ValueError, ImportError) as error:
        raise SourceError("labels cannot be opened", where=url, got=str(error)) from error
    chosen = [name for name in names if _is_table(name)]
    if not chosen:
        raise SourceError(
            "contains no label files",
            where=url,
            expected="a *.parquet or *.csv file, or a directory of them",
            got=f"{len(names)} other files",
        )
    return pa.concat_tables([_read(system, name, key, label) for name in chosen])


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in SUFFIXES and not path.name.startswith((".", "_"))


def _read(system: Any, name: str, key: str, label: str) -> pa.Table:
    try:
        with system.open(name, "rb") as file:
            content = file.read()
        part = Part.parse(PurePosixPath(name).name)
        if part is not None:
            part.check(content, name)
        buffer = pa.BufferReader(content)
        table = _csv(buffer, key) if name.endswith(".csv") else parquet.read_table(buffer)
        lacking = [column for column in (key, label) if column not in table.column_names]
        if lacking:
            raise SourceError(
                f"column {', '.join(lacking)} is missing",
                where=name,
                got=", ".join(table.column_names),
                fix="name the columns with --label-key and --label",
            )
        columns = [table[key].cast(pa.string()), table[label].cast(pa.float64())]
    except (OSError, pa.ArrowException) as error:
        raise SourceError(
            "is not a table of labels",
            where=name,
            expected=f"a number in {label} for each {key}",
            got=str(error).splitlines()[0],
        ) from error
    return pa.table(columns, names=["key", "label"])


def _csv(file: Any, key: str) -> pa.Table:
    # As text, since a numeric key may have leading zeros.
    return csv.read_csv(file, convert_options=csv.ConvertOptions(column_types={key: pa.string()}))
