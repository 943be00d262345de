"""`dvc exp run` keeps its overrides, and a chosen experiment becomes conf/ without training anew."""

import json
from typing import Any

import pytest
import yaml

from tests.support.graph import locked, ran, restored
from tests.support.project import Project

ENTRY = """# @package _global_
# A stiffer line.
defaults:
  - override /model: linear
model:
  params:
    alpha: 9.0
"""
SLY = """# @package _global_
data:
  name: ${oc.decode:${oc.env:SECRET}}
"""


def committed(project: Project, experiment: str, path: str = "params.yaml") -> dict[str, Any]:
    """Return the params.yaml, or another file, that an experiment committed."""
    listed = json.loads(project.dvc("exp", "show", "--json").stdout)
    shas = {
        each["name"]: each["revs"][0]["rev"]
        for revision in listed
        for each in revision["experiments"] or []
    }
    return yaml.safe_load(project.run("git", "show", f"{shas[experiment]}:{path}").stdout)


def shown(project: Project, key: str) -> set[Any]:
    """Return the values of one param in all experiments, as `dvc exp show` has them."""
    values = set()
    for revision in json.loads(project.dvc("exp", "show", "--json").stdout):
        for each in revision["experiments"] or []:
            value = each["revs"][0]["data"]["params"]["params.yaml"]["data"]
            for part in key.split("."):
                value = value[part]
            values.add(value)
    return values


def test_a_group_override_is_kept(project):
    project.dvc("exp", "run", "--name", "trees", "-S", "model=forest_regression", "compose")
    assert committed(project, "trees")["model"]["name"] == "forest_regression"
    assert shown(project, "model.name") == {"forest_regression"}


@pytest.mark.slow
def test_an_override_from_conf_experiment_is_kept(project):
    (project.path / "conf/experiment").mkdir(exist_ok=True)
    (project.path / "conf/experiment/stiff.yaml").write_text(ENTRY)
    project.commit("an experiment")
    project.dvc("exp", "run", "--name", "stiff", "-S", "+experiment=stiff", "compose")
    assert committed(project, "stiff")["model"]["params"] == {"alpha": 9.0}


@pytest.mark.slow
def test_a_queued_sweep_keeps_each_value(project):
    project.dvc("exp", "run", "--queue", "-S", "model.params.alpha=2.0,3.0", "compose")
    project.dvc("exp", "run", "--run-all")
    assert shown(project, "model.params.alpha") == {2.0, 3.0}
    assert project.run("git", "status", "--short").stdout == ""


@pytest.mark.slow
def test_an_adopted_experiment_trains_nothing_again(project):
    """Even where the workspace has moved on: DVC's run-cache holds what the experiment made."""
    run = project.dvc("exp", "run", "--name", "four", "-S", "model.params.alpha=4.0", "train")
    assert ran(run.stdout) == ["compose", "search", "train"]
    assert shown(project, "model.params.alpha") == {4.0}
    trained = locked(project)["models/scorer"]
    assert project.mooring("compose", "--check", check=False).stdout.startswith(
        "model.params.alpha: params.yaml has 4.0, conf/ composes to 1.0\n"
    )
    project.run("git", "reset", "--quiet", "--hard")
    project.mooring("experiment", "adopt", "four")
    assert project.run("git", "diff", "--name-only").stdout == "conf/model/linear.yaml\n"
    output = project.dvc("repro", "train").stdout
    assert ran(output) == ["compose"]
    assert restored(output) == ["search", "train"]
    assert locked(project)["models/scorer"] == trained
    project.mooring("compose", "--check")


@pytest.mark.slow
def test_adopting_the_workspace_s_experiment_reruns_no_stage(project):
    project.dvc("exp", "run", "--name", "four", "-S", "model.params.alpha=4.0")
    before = locked(project)
    project.mooring("experiment", "adopt", "four")
    assert ran(project.dvc("repro").stdout) == ["compose"]
    assert locked(project) == before


@pytest.mark.slow
def test_an_experiment_commits_the_digests_of_the_code_that_it_ran(project):
    with (project.path / "mooring/search/study.py").open("a") as file:
        file.write("\nedited = 1\n")
    override = ["-S", "model.params.alpha=4.0"]
    done = project.dvc("exp", "run", "--name", "edited", *override, "search")
    assert ran(done.stdout) == ["code", "compose", "search"]
    before = yaml.safe_load(project.run("git", "show", "HEAD:code.yaml").stdout)
    after = committed(project, "edited", "code.yaml")
    assert {stage for stage in before if before[stage] != after[stage]} == {"search"}
    assert project.dvc("status", "search").stdout == "Data and pipelines are up to date.\n"
    assert project.mooring("graph", "--check").stdout == "dvc.yaml and code.yaml match the stages\n"


def test_an_environment_variable_is_refused_before_it_is_written(project):
    (project.path / "conf/experiment").mkdir(exist_ok=True)
    (project.path / "conf/experiment/sly.yaml").write_text(SLY)
    project.commit("a sly experiment")
    overrides = "data.name=${oc.env:SECRET}", "data.name=${oc.env:LACKING,fallback}"
    for override in (*overrides, "+experiment=sly"):
        done = project.dvc(
            "exp", "run", "-S", override, "compose", check=False, SECRET="hunter2value"
        )
        assert done.returncode != 0
        assert "would be written into params.yaml, which is committed" in done.stderr
        assert "hunter2value" not in done.stdout + done.stderr
        assert project.run("git", "status", "--short").stdout == ""
        assert "hunter2" not in (project.path / "params.yaml").read_text()


def test_a_queued_environment_variable_is_refused(project):
    override = "data.name=${oc.env:SECRET}"
    done = project.dvc("exp", "run", "--queue", "-S", override, check=False, SECRET="hunter2value")
    assert done.returncode != 0
    assert "No experiment tasks in the queue." in project.dvc("queue", "status").stdout


def test_a_wrong_value_fails_in_compose_and_the_next_repro_recovers(project):
    before = (project.path / "params.yaml").read_text()
    done = project.dvc("exp", "run", "-S", "runtime.seed=abc", check=False)
    assert done.returncode != 0
    assert ran(done.stdout) == ["compose"]
    assert (
        "stage compose failed\n"
        'params.yaml: runtime.seed = "abc"\n'
        "  expected: a valid integer\n"
        "  fix: edit conf/runtime/, then run 'mooring compose'\n"
    ) in done.stderr
    assert ran(project.dvc("repro").stdout) == ["compose"]
    assert (project.path / "params.yaml").read_text() == before
    assert project.run("git", "status", "--short").stdout == ""
