"""Make each source of conf/data a table of an Ibis connection, by one function per kind.

In: what conf/data declares. Out: a table named after the source, and the facts that pin its
content. All functions have one shape, so that a new kind (a SQL database, a key-value store) is a
config class, a function here and a line in KINDS.
"""

import importlib.util
import shutil
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from ibis.backends.duckdb import Backend

from mooring.config.sources import CsvSource, PackageSource, ParquetSource, Source
from mooring.data.engines.duckdb import PARQUET, explain_limits, headline, identifier, literal
from mooring.errors import SourceError
from mooring.files import sha256_file


@dataclass(frozen=True)
class SourceFacts:
    """The content of a source when it was read: sha256 in hex, and size in bytes."""

    sha256: str
    bytes: int


def register_sources(
    connection: Backend, sources: Mapping[str, Source], scratch: Path
) -> dict[str, SourceFacts]:
    """Register every source as a table; large copies go to `scratch`.

    Raises SourceError naming the source when one is missing, unreadable or empty.
    """
    return {
        name: KINDS[source.kind](connection, name, source, scratch)
        for name, source in sources.items()
    }


def source_files(sources: Mapping[str, Source]) -> list[Path]:
    """Return the files of the declared sources, each of which exists once registered."""
    return [
        _package_file(name, source) if isinstance(source, PackageSource) else Path(source.path)
        for name, source in sources.items()
    ]


def _package(connection: Backend, name: str, source: PackageSource, scratch: Path) -> SourceFacts:
    file = _package_file(name, source)
    facts = _facts(name, file)
    csv = _unzipped(name, file, scratch) if file.suffix == ".zip" else file
    _csv_table(connection, name, csv, source.null_values, scratch)
    return facts


def _csv(connection: Backend, name: str, source: CsvSource, scratch: Path) -> SourceFacts:
    file = Path(source.path)
    facts = _facts(name, file)
    _csv_table(connection, name, file, source.null_values, scratch)
    return facts


def _parquet(connection: Backend, name: str, source: ParquetSource, scratch: Path) -> SourceFacts:
    file = Path(source.path)
    facts = _facts(name, file)
    _parquet_table(connection, name, file, origin=file)
    return facts


KINDS: dict[str, Callable[[Backend, str, Any, Path], SourceFacts]] = {
    "package": _package,
    "csv": _csv,
    "parquet": _parquet,
}


def _package_file(name: str, source: PackageSource) -> Path:
    """Return the path of a file inside an installed package, without importing the package."""
    spec = importlib.util.find_spec(source.package) if source.package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise SourceError(
            f"package {source.package} is not installed",
            where=f"source {name}",
            fix="add it to pyproject.toml and requirements.lock, or correct conf/data",
        )
    root = Path(spec.submodule_search_locations[0]).resolve()
    file = (root / source.file).resolve()
    if not file.is_relative_to(root):
        raise _unreadable(name, file, f"a file outside the package, {root}")
    return file


def _facts(name: str, file: Path) -> SourceFacts:
    try:
        facts = SourceFacts(sha256_file(file), file.stat().st_size)
    except OSError as error:
        raise _unreadable(name, file, error.strerror or str(error)) from error
    if facts.bytes == 0:
        raise _unreadable(name, file, "an empty file")
    return facts


def _unzipped(name: str, file: Path, scratch: Path) -> Path:
    """Unpack the only member of a zip file, since DuckDB cannot read zip files."""
    target = scratch / f"{name}.csv"
    try:
        with zipfile.ZipFile(file) as archive:
            members = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(members) != 1:
                names = ", ".join(entry.filename for entry in members) or "none"
                raise _unreadable(
                    name, file, f"{len(members)} files in the zip: {names}", "one file"
                )
            with archive.open(members[0]) as packed, target.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, 2**20)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise _unreadable(name, file, f"a zip file that cannot be unpacked: {error}") from error
    return target


def _csv_table(
    connection: Backend, name: str, file: Path, nulls: tuple[str, ...], scratch: Path
) -> None:
    """Convert CSV to Parquet once, with types inferred from every line, not from a sample."""
    copy = scratch / f"{name}.parquet"
    options = (
        f"header = true, sample_size = -1, nullstr = [{', '.join(map(literal, ('', *nulls)))}]"
    )
    select = f"select * from read_csv({literal(file.resolve())}, {options})"
    try:
        with explain_limits(copy):
            connection.con.execute(f"copy ({select}) to {literal(copy)} {PARQUET}")
    except duckdb.Error as error:
        raise _unreadable(name, file, headline(error), "a CSV file with a header line") from error
    _parquet_table(connection, name, copy, origin=file)


def _parquet_table(connection: Backend, name: str, file: Path, origin: Path) -> None:
    try:
        select = f"select * from read_parquet({literal(file.resolve())})"
        connection.con.execute(f"create temporary view {identifier(name)} as {select}")
        rows = connection.con.execute(f"select 1 from {identifier(name)} limit 1").fetchall()
    except duckdb.Error as error:
        raise _unreadable(name, origin, headline(error), "a Parquet file") from error
    if not rows:
        raise _unreadable(name, origin, "no rows", "at least one row")


def _unreadable(name: str, file: Path, got: str, expected: str = "") -> SourceError:
    return SourceError(
        f"source {name} cannot be read",
        where=str(file),
        expected=expected,
        got=got,
        fix=f"put the file there, or correct data.sources.{name} in conf/data",
    )
