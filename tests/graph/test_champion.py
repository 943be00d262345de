"""A challenger is compared with the champion that production's release pins, or the verdict says why not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mooring.graph.cache import object_path
from tests.support.graph import copy_project, flip_byte, ran, release
from tests.support.project import Project
from tests.support.shared import shared

pytestmark = pytest.mark.slow

RELEASE = "argo/apps/scorer/overlays/production/release.yaml"


@pytest.fixture(scope="module")
def crowned(reproduced, tmp_path_factory) -> Project:
    """A project that pushed its model, named it champion, and then trained a worse one."""
    return Project(
        shared(tmp_path_factory, "crowned", lambda path: _crown(reproduced, path)) / "repo"
    )


def _crown(reproduced: Project, directory: Path) -> None:
    project = copy_project(reproduced, directory)
    (project.path / RELEASE).write_text(yaml.safe_dump(release(project)))
    project.dvc("push", "--quiet")
    project.edit("conf/model/linear.yaml", "alpha: 1.0", "alpha: 4000.0")
    output = project.dvc("repro").stdout
    assert ran(output) == [
        "compose", "search", "train", "champion", "evaluate", "reference", "package", "report",
    ]  # fmt: skip


def found(project: Project, name: str) -> Any:
    return json.loads((project.path / f"reports/evaluation/{name}.json").read_text())


def object_of_champion(project: Project):
    """Return the cache's object that holds the champion's model.onnx."""
    pin = yaml.safe_load((project.path / RELEASE).read_text())["model"]["md5"]
    cache = project.path / ".dvc/cache"
    listing = json.loads(object_path(cache, pin).read_text())
    (md5,) = (entry["md5"] for entry in listing if entry["relpath"] == "model.onnx")
    return object_path(cache, md5)


def test_a_worse_challenger_gets_do_not_merge(crowned):
    overall = found(crowned, "comparison")["overall"]
    assert overall["metric"] == "rmse"
    assert overall["n"] == 144
    assert overall["confidence"] == 0.95
    assert overall["low"] < overall["difference"] < overall["high"] < -1.0
    slices = found(crowned, "comparison")["slices"]
    assert {name: each["n"] for name, each in slices.items()} == {"sex=1": 77, "sex=2": 67}
    gate = found(crowned, "gate")
    assert gate["verdict"] == "do_not_merge"
    assert any("worse by more than the margin 1" in reason for reason in gate["reasons"])
    assert crowned.mooring("gate", check=False).returncode == 1
    assert "champion" in (crowned.path / "reports/model_card.md").read_text()


def test_the_champion_itself_gets_merge(crowned, tmp_path):
    project = copy_project(crowned, tmp_path)
    project.edit("conf/model/linear.yaml", "alpha: 4000.0", "alpha: 1.0")
    project.dvc("repro", "evaluate")
    overall = found(project, "comparison")["overall"]
    assert (overall["difference"], overall["low"], overall["high"]) == (0.0, 0.0, 0.0)
    assert found(project, "gate")["verdict"] == "merge"


def test_a_missing_champion_is_fetched_from_the_remote(crowned, tmp_path):
    project = copy_project(crowned, tmp_path)
    path = object_of_champion(project)
    path.unlink()
    done = project.run("python", "-m", "stages", "champion", check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "stage champion failed\n"
        f"{path.relative_to(project.path)}: an object of the champion is missing from the cache\n"
        "  fix: run 'mooring champion fetch'\n"
    )
    project.mooring("champion", "fetch")
    project.run("python", "-m", "stages", "champion")


def test_a_corrupt_champion_is_named_with_its_fix(crowned, tmp_path):
    project = copy_project(crowned, tmp_path)
    path = object_of_champion(project)
    flip_byte(path)
    done = project.run("python", "-m", "stages", "champion", check=False)
    assert done.returncode == 2
    assert f"{path.relative_to(project.path)}: an object of the champion is corrupt" in done.stderr
    fix = "run 'mooring cache check --remove', then 'mooring champion fetch'"
    assert f"  fix: {fix}\n" in done.stderr
    project.mooring("cache", "check", "--remove", check=False)
    project.mooring("champion", "fetch")
    project.run("python", "-m", "stages", "champion")
    assert project.mooring("cache", "check").returncode == 0


def test_a_champion_trained_on_test_rows_gives_cannot_tell(weather, tmp_path):
    project = copy_project(weather, tmp_path)
    (project.path / RELEASE).write_text(yaml.safe_dump(release(project)))
    window = "conf/window/weather.yaml"
    project.edit(window, "train_end: 2013-10-01", "train_end: 2013-08-01")
    project.dvc("repro", "evaluate")
    gate = found(project, "gate")
    assert gate["verdict"] == "cannot_tell"
    (reason,) = gate["reasons"]
    assert reason.startswith(
        "The comparison with the champion is not possible: it was trained on rows up to"
    )
    assert reason.endswith("which overlap the test window.")
