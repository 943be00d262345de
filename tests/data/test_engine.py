"""A fenced connection opens what it was given and nothing else, whatever a query says."""

from pathlib import Path

import duckdb
import pytest

from mooring.config.runtime import Runtime
from mooring.data.engines.duckdb import connect, fence


@pytest.fixture
def fenced(tmp_path):
    for name in ("declared", "secret"):
        (tmp_path / f"{name}.csv").write_text("a\n1\n")
    connection = connect(Runtime(seed=1, n_threads=2, memory_mb=256), tmp_path / "scratch")
    connection.execute(f"create view declared as from read_csv('{tmp_path}/declared.csv')")
    fence(connection, [tmp_path / "declared.csv", tmp_path / "out.parquet"], [tmp_path / "scratch"])
    with connection:
        yield connection


def test_declared_files_are_open(fenced, tmp_path):
    assert fenced.execute("select a from declared").fetchall() == [(1,)]
    fenced.execute(f"copy declared to '{tmp_path}/out.parquet' (format parquet)")
    assert Path(tmp_path / "out.parquet").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "select * from '{}/secret.csv'",
        "select * from read_csv('{}/secret.csv')",
        "select content from read_text('{}/secret.csv')",
        "select * from glob('{}/*')",
        "copy declared to '{}/other.csv'",
        "attach '{}/x.db'",
        "set enable_external_access = true",
        "set allowed_directories = ['{}']",
        "set threads = 1",
    ],
)
def test_other_files_and_settings_are_locked(fenced, tmp_path, statement):
    with pytest.raises(duckdb.Error):
        fenced.execute(statement.format(tmp_path)).fetchall()
