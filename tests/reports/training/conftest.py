"""Small problems that the real stages ran, up to evaluate: the report's inputs."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from mooring.config.data import Data
from mooring.config.gate import Gate
from mooring.config.load import load
from mooring.config.report import Report
from mooring.config.search import Search
from mooring.reports.kit.drawing import Chart
from mooring.reports.training.charts import charts
from mooring.reports.training.findings import Findings, read_findings
from mooring.reports.training.page import page
from tests.support.small import run_stages, working_in


@pytest.fixture(scope="session")
def first_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classification in time, with no champion yet."""
    return run_stages(tmp_path_factory.mktemp("first"), "classification", True, False)


@pytest.fixture(scope="session")
def challenged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classification in time, with a champion."""
    return run_stages(tmp_path_factory.mktemp("challenged"), "classification", True, True)


@pytest.fixture(scope="session")
def regression(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Regression without time, with a champion."""
    return run_stages(tmp_path_factory.mktemp("regression"), "regression", False, True)


@dataclass(frozen=True)
class Built:
    """A problem's findings, its charts and its page."""

    findings: Findings
    drawn: list[Chart]
    html: str


@pytest.fixture(scope="session", params=["first_release", "challenged", "regression"])
def built(request: pytest.FixtureRequest) -> Built:
    """The page of each problem in turn."""
    with working_in(request.getfixturevalue(request.param)):
        findings = read()
    drawn = charts(findings)
    return Built(findings, drawn, page(findings, drawn))


def read() -> Findings:
    """Read the findings in the working directory."""
    return read_findings(load(Data), load(Gate), load(Report), load(Search))


@pytest.fixture(params=["first_release", "challenged", "regression"])
def evaluated(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Each problem in turn, in a copy that is the working directory."""
    return moved(request.getfixturevalue(request.param), tmp_path, monkeypatch)


def moved(problem: Path, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy a problem, and change into the copy."""
    copy = shutil.copytree(problem, directory / "copy")
    monkeypatch.chdir(copy)
    return Path(copy)
