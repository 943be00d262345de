"""A DuckDB connection with the limits of conf/runtime, sandboxed, with its errors explained.

In: threads, memory and a scratch directory. Out: a connection that spills to that directory, and
after `fence` opens only the named files.
"""

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from mooring.config.runtime import Runtime
from mooring.errors import EnvironmentFault

PARQUET = "(format parquet, compression zstd, use_tmp_file false)"
_FULL_DISK = ("no space left on device", "disk quota exceeded", "max_temp_directory_size")


@contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """Yield an empty directory on the disk of `path`, removed afterwards.

    Its name is fixed, so that the next run removes the leftovers of a killed one.
    """
    scratch = path.resolve().with_name(f".{path.stem}.scratch.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def connect(runtime: Runtime, scratch: Path) -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB limited to the threads and memory of `runtime`, in UTC."""
    connection = duckdb.connect(
        config={
            "threads": runtime.n_threads,
            "memory_limit": f"{runtime.memory_mb}MB",
            "temp_directory": str(scratch / "spill"),
            "autoinstall_known_extensions": False,
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    if sys.stderr.isatty():
        connection.execute("set enable_progress_bar = true")
    return connection


def fence(
    connection: duckdb.DuckDBPyConnection, files: Iterable[Path], directories: Iterable[Path]
) -> None:
    """Allow the connection only these files and directories, permanently."""
    connection.execute(f"set allowed_paths = [{_paths(files)}]")
    connection.execute(f"set allowed_directories = [{_paths(directories)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _paths(paths: Iterable[Path]) -> str:
    return ", ".join(literal(path.resolve()) for path in paths)


def literal(value: object) -> str:
    """Return `value` as a SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return `name` as a quoted SQL name."""
    return '"' + name.replace('"', '""') + '"'


def row_order(time: str | None, key: str) -> str:
    """Return the order of rows in every file: by time, then key."""
    return ", ".join(identifier(name) for name in (time, key) if name)


@contextmanager
def explain_limits(writing: Path) -> Iterator[None]:
    """Turn DuckDB's disk-full and out-of-memory errors into errors with a fix."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        if _is_full_disk(error):
            raise _full_disk(writing, error) from error
        raise EnvironmentFault(
            "the query engine ran out of memory",
            where=str(writing),
            got=headline(error),
            fix="raise runtime.memory_mb in conf/runtime, then run 'dvc repro'",
        ) from error
    except (duckdb.Error, OSError) as error:
        if _is_full_disk(error):
            raise _full_disk(writing, error) from error
        raise


def _is_full_disk(error: Exception) -> bool:
    return any(sign in str(error).lower() for sign in _FULL_DISK)


def _full_disk(writing: Path, error: Exception) -> EnvironmentFault:
    free_mb = shutil.disk_usage(writing.parent).free // 2**20
    return EnvironmentFault(
        "the disk is full; existing files are unchanged",
        where=str(writing),
        got=f"{free_mb} MB free: {headline(error)}",
        fix="free some space, then run 'dvc repro' again",
    )


def headline(error: Exception) -> str:
    """Return DuckDB's message without the excerpt of the statement."""
    return str(error).partition("\n\nLINE ")[0].strip()
