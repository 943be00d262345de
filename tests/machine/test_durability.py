"""A kill while DVC rewrites one of its files leaves the old one whole."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITE = """
import os, signal, sys
from mooring.machine import durability
durability.install()
from dvc.fs import localfs
with localfs.open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write("new" * 10_000)
    file.flush()
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[2] == "failed":
        raise SystemExit
"""


def write(path: Path, end: str) -> str:
    path.write_text("old")
    subprocess.run([sys.executable, "-c", WRITE, str(path), end], cwd=ROOT)
    return path.read_text()


def test_a_write_replaces_the_file(tmp_path):
    assert write(tmp_path / "dvc.lock", "done") == "new" * 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["dvc.lock"]


def test_a_killed_write_leaves_the_old_file(tmp_path):
    assert write(tmp_path / "dvc.lock", "killed") == "old"
    assert write(tmp_path / "rwlock", "killed") == "old"


def test_a_failed_write_leaves_nothing_else(tmp_path):
    assert write(tmp_path / "rwlock", "failed") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["rwlock"]


def test_other_files_are_written_as_before(tmp_path):
    assert write(tmp_path / "other", "killed") == "new" * 10_000
