"""Each kind of source becomes a table, or an error that names it, its file and what fixes it."""

import sys
import zipfile
from pathlib import Path

import duckdb
import ibis
import pytest

from mooring.config.sources import CsvSource, PackageSource, ParquetSource
from mooring.data.sources.local_files import register_sources
from mooring.errors import SourceError


@pytest.fixture
def registered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data/raw").mkdir(parents=True)
    Path("scratch").mkdir()

    def run(source):
        engine = duckdb.connect()
        connection = ibis.duckdb.from_connection(engine)
        facts = register_sources(connection, {"things": source}, Path("scratch").resolve())
        return facts["things"], engine.execute("select * from things order by all").fetchall()

    return run


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that fails when it is imported."""
    (tmp_path / "site/broken_on_import").mkdir(parents=True)
    (tmp_path / "site/broken_on_import/__init__.py").write_text("raise RuntimeError\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "site/broken_on_import"


def _of_package(file: str) -> PackageSource:
    return PackageSource(kind="package", package="broken_on_import", file=file, null_values=("NA",))


def test_csv_reads_empty_and_declared_texts_as_missing(registered):
    Path("data/raw/t.csv").write_text('a,b\n1,x\nNA,\n3,"y,z"\n')
    source = CsvSource(kind="csv", path="data/raw/t.csv", null_values=("NA",))
    facts, rows = registered(source)
    assert rows == [(1, "x"), (3, "y,z"), (None, None)]
    assert facts.bytes == 20


def test_parquet_is_read_in_place(registered):
    duckdb.sql("copy (select 1 as a) to 'data/raw/t.parquet'")
    assert registered(ParquetSource(kind="parquet", path="data/raw/t.parquet"))[1] == [(1,)]
    assert not list(Path("scratch").iterdir())


def test_a_package_file_is_read_without_importing_the_package(registered, package):
    (package / "t.csv").write_text("a\n1\n")
    assert registered(_of_package("t.csv"))[1] == [(1,)]
    assert "broken_on_import" not in sys.modules


def test_a_zip_of_one_csv_is_unpacked(registered, package):
    with zipfile.ZipFile(package / "t.csv.zip", "w") as archive:
        archive.writestr("t.csv", "a\n1\n")
    assert registered(_of_package("t.csv.zip"))[1] == [(1,)]


@pytest.mark.parametrize(
    ("members", "got"),
    [
        ([], "0 files in the zip: none"),
        (["a.csv", "b.csv"], "2 files in the zip: a.csv, b.csv"),
    ],
)
def test_a_zip_without_exactly_one_file_is_refused(registered, package, members, got):
    with zipfile.ZipFile(package / "t.zip", "w") as archive:
        for member in members:
            archive.writestr(member, "a\n1\n")
    with pytest.raises(SourceError) as caught:
        registered(_of_package("t.zip"))
    assert (caught.value.expected, caught.value.got) == ("one file", got)


def test_the_whole_message_of_a_missing_file(registered):
    with pytest.raises(SourceError) as caught:
        registered(CsvSource(kind="csv", path="data/raw/none.csv"))
    assert str(caught.value) == (
        "data/raw/none.csv: source things cannot be read\n"
        "  got: No such file or directory\n"
        "  fix: put the file there, or correct data.sources.things in conf/data"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.zip", b"not a zip"),
        ("t.csv", b'a,b\n1,"x\n2\n\xff\xfe'),
    ],
)
def test_an_unreadable_package_file_is_refused(registered, package, name, content):
    (package / name).write_bytes(content)
    with pytest.raises(SourceError, match="source things cannot be read"):
        registered(_of_package(name))


def test_an_unreadable_parquet_file_is_refused(registered):
    Path("data/raw/t.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match="expected: a Parquet file"):
        registered(ParquetSource(kind="parquet", path="data/raw/t.parquet"))


def test_a_package_that_is_not_installed_is_named(registered):
    source = PackageSource(kind="package", package="no_such_package", file="t.csv")
    with pytest.raises(SourceError, match="package no_such_package is not installed"):
        registered(source)


def test_a_file_outside_the_package_is_refused(registered, package):
    (package.parent / "t.csv").write_text("a\n1\n")
    with pytest.raises(SourceError, match="a file outside the package"):
        registered(_of_package("../t.csv"))
