"""A bento of a small problem, made by the real stages."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import ROOT
from tests.support.server import Server, unpack
from tests.support.small import run_stages


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which every stage up to package has run."""
    directory = run_stages(tmp_path_factory.mktemp("packaged"), "classification", True, False)
    (directory / "bentos").symlink_to(ROOT / "bentos")
    (directory / "mooring").symlink_to(ROOT / "mooring")
    for stage in ("reference", "package"):
        run_stage(directory, stage)
    return directory


def run_stage(directory: Path, stage: str) -> None:
    """Run one stage in a process of its own, as DVC does."""
    command = [sys.executable, "-m", "stages", stage]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def bento(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bento, unpacked."""
    return unpack(packaged / "models/scorer.bento", tmp_path_factory.mktemp("bento"))


@pytest.fixture
def own_bento(bento: Path, tmp_path: Path) -> Path:
    """Return a copy of the bento that the test may change."""
    return Path(shutil.copytree(bento, tmp_path / "bento"))


@pytest.fixture(scope="session")
def server(bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server, which no test may stop."""
    with Server(bento, tmp_path_factory.mktemp("server")) as running:
        running.wait()
        yield running
