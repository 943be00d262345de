"""conf/: every file of every group is a section that parses, and every problem composes."""

from pathlib import Path

import pytest

from mooring.composition.compose import compose
from mooring.config.project import Project
from tests.support.conf import CONF

ACROSS = {"problem", "experiment"}
"""The directories whose files set several sections."""
FILES = [path for path in sorted(CONF.glob("*/*.yaml")) if path.parent.name not in ACROSS]
GROUPS = sorted({path.parent.name for path in FILES})
EXPERIMENTS = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
PROBLEMS = sorted(path.stem for path in (CONF / "problem").glob("*.yaml"))


def test_every_group_is_a_section_and_every_section_a_group() -> None:
    assert sorted(Project.model_fields) == GROUPS


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_composes(problem: str) -> None:
    assert compose(CONF, [f"problem={problem}"]).data.name == problem


def twin(path: Path) -> str:
    """Return a problem that the file goes with."""
    group, option = path.parent.name, path.stem
    if group in ("model", "gate"):
        regression = "task: regression" in path.read_text() or option == "regression"
        return "diabetes" if regression else "flights"
    return option if option in PROBLEMS else "flights"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_option_of_every_group_composes(path: Path) -> None:
    composed = compose(CONF, [f"problem={twin(path)}", f"{path.parent.name}={path.stem}"])
    assert path.parent.name in composed


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_composes_with_a_search(problem: str) -> None:
    composed = compose(CONF, [f"problem={problem}", "search=tpe"])
    assert composed.search.metric == composed.gate.metric


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_changes_the_default_problem(experiment: str) -> None:
    assert compose(CONF, [f"+experiment={experiment}"]) != compose(CONF, [])
