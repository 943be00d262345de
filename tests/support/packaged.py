"""A bento of a small problem, made by the real stages."""

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mooring.bento.compiled import Scorer
from tests.support.project import ROOT
from tests.support.server import Server, unpack, with_serving
from tests.support.shared import shared
from tests.support.small import run_stages

ROW: dict[str, Any] = {"x": 0.5, "city": "a|b `c` *d* [e](http://f)"}


def expected(bento: Path, rows: list[dict[str, Any]]) -> list[float]:
    scorer = Scorer.load(bento / "src/release/model", 1)
    columns = {
        "x": np.array([math.nan if row["x"] is None else row["x"] for row in rows]),
        "city": np.array([row["city"] or "" for row in rows], dtype=object),
    }
    return scorer.score(columns).tolist()


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which every stage up to package has run."""
    return shared(tmp_path_factory, "packaged", lambda path: package(path, "classification"))


def package(directory: Path, task: str) -> Path:
    """Run every stage up to package in an empty directory; return it."""
    run_stages(directory, task, True, False)
    (directory / "bentos").symlink_to(ROOT / "bentos")
    (directory / "mooring").symlink_to(ROOT / "mooring")
    for stage in ("reference", "package"):
        run_stage(directory, stage)
    return directory


def run_stage(directory: Path, stage: str) -> None:
    """Run one stage in a process of its own, as DVC does."""
    done = stage_process(directory, stage)
    assert done.returncode == 0, done.stderr


def stage_process(directory: Path, stage: str) -> subprocess.CompletedProcess[str]:
    """Run one stage, whatever its end; return what it left."""
    command = [sys.executable, "-m", "stages", stage]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="session")
def bento(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bento, unpacked."""
    return shared(
        tmp_path_factory, "bento", lambda path: unpack(packaged / "models/scorer.bento", path)
    )


@pytest.fixture(scope="session")
def compared(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory whose bento splits the traffic between another model and this champion."""
    return shared(tmp_path_factory, "compared", lambda path: _compare(packaged, path))


def _compare(packaged: Path, directory: Path) -> None:
    shutil.copytree(packaged, directory, symlinks=True, dirs_exist_ok=True)
    shutil.copytree(directory / "models/scorer", directory / "models/champion/model")
    change_params(directory, "model", params={"max_iter": 9})
    change_params(directory, "serving", comparison={"mode": "split", "challenger_share": 0.5})
    for stage in ("search", "train", "package"):
        run_stage(directory, stage)


def change_params(directory: Path, section: str, **changes: Any) -> None:
    """Change keys of one section of params.yaml."""
    params = yaml.safe_load((directory / "params.yaml").read_text())
    params[section] |= changes
    (directory / "params.yaml").write_text(yaml.safe_dump(params))


@pytest.fixture
def own_bento(bento: Path, tmp_path: Path) -> Path:
    """Return a copy of the bento that the test may change."""
    fresh = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(bento, tmp_path / "bento", ignore=fresh))


@pytest.fixture(scope="session")
def server(bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server, which no test may stop."""
    with Server(bento, tmp_path_factory.mktemp("server")) as running:
        running.wait()
        yield running


@pytest.fixture(scope="session")
def impatient(bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server with narrow limits, which no test may stop."""
    directory = tmp_path_factory.mktemp("impatient")
    limits = {"body_bytes": 65_536, "body_timeout_s": 0.5}
    own = with_serving(bento, directory / "bento", limits=limits)
    with Server(own, directory / "home") as running:
        running.wait()
        yield running


@pytest.fixture
def hasty(impatient: Server) -> Iterator[Server]:
    """Return the server with narrow limits; after the test, the same worker must still answer rightly."""
    before, n_logged = impatient.workers(), len(impatient.log.read_text())
    yield impatient
    assert impatient.workers() == before
    answer = impatient.predict([ROW])
    assert answer.status_code == 200
    assert answer.json()["scores"] == expected(impatient.bento, [ROW])
    assert "Traceback" not in impatient.log.read_text()[n_logged:]
