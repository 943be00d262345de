"""Projects that ran from nothing, shared by all tests that need one."""

from pathlib import Path

import pytest

from tests.support.graph import write_diabetes
from tests.support.project import Project, make_project
from tests.support.recorder import RECORDER
from tests.support.shared import shared

pytest_plugins = [f"tests.support.{name}" for name in ("examples", "packaged", "proofs", "tools")]


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory: repo (diabetes, reproduced and committed), output and imports/ of its stages."""
    return shared(tmp_path_factory, "diabetes", _make)


@pytest.fixture(scope="session")
def reproduced(first_run: Path) -> Project:
    """The project that ran; not to be changed."""
    return Project(first_run / "repo")


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The flights, reproduced and committed; not to be changed. `output` beside it is DVC's."""
    directory = shared(tmp_path_factory, "flights", lambda path: _reproduce(path, "flights"))
    return Project(directory / "repo")


@pytest.fixture(scope="session")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The weather, likewise."""
    directory = shared(tmp_path_factory, "weather", lambda path: _reproduce(path, "weather"))
    return Project(directory / "repo")


def _reproduce(directory: Path, problem: str) -> None:
    project = make_project(directory / "repo", problem)
    (directory / "output").write_text(project.dvc("repro").stdout)
    project.commit("reproduce")


def _make(directory: Path) -> None:
    project = make_project(directory / "repo", "diabetes")
    write_diabetes(project)
    (directory / "imports").mkdir()
    (directory / "recorder").mkdir()
    (directory / "recorder/sitecustomize.py").write_text(RECORDER)
    done = project.dvc(
        "repro", PYTHONPATH=str(directory / "recorder"), IMPORTS=str(directory / "imports")
    )
    (directory / "output").write_text(done.stdout)
    project.commit("reproduce")
