"""One project that ran from nothing, shared by all tests that need one."""

import fcntl
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.graph import write_diabetes
from tests.support.project import Project, make_project
from tests.support.recorder import RECORDER

pytest_plugins = ("tests.support.packaged", "tests.support.tools", "tests.support.proofs")
# How long an example takes tells of the machine's other work, not of the code.
settings.register_profile("fast", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("prove", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("fast")


@pytest.fixture(scope="session")
def first_run(tmp_path_factory) -> Path:
    """A directory: repo (diabetes, reproduced once and committed), output and imports/ of its stages.

    Test processes that run side by side share it.
    """
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if base.name.startswith("popen-") else base) / "diabetes"
    with directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "done").exists():
            shutil.rmtree(directory, ignore_errors=True)
            _make(directory)
            (directory / "done").touch()
    return directory


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


@pytest.fixture(scope="session")
def reproduced(first_run) -> Project:
    """The project that ran; not to be changed."""
    return Project(first_run / "repo")
