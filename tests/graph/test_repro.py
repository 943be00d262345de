"""`dvc repro` turns conf/ into a judged model; what changed runs again, and nothing else does."""

import json
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from tests.support.graph import (
    copy_project,
    locked,
    ran,
    spoilt_objects,
    stages,
    write_diabetes,
)
from tests.support.project import ROOT, Project, make_project
from tests.support.shared import shared

KEPT = {
    "code.yaml",
    "params.yaml",
    "reports/gate.json",
    "reports/metrics.json",
    "reports/model_card.md",
}
"""The outputs that Git keeps."""


@pytest.fixture(scope="module")
def edited(reproduced, tmp_path_factory) -> tuple[Project, str]:
    """A project in which alpha was edited in conf/model, and then reproduced; and DVC's output."""
    directory = shared(tmp_path_factory, "edited", lambda path: _edit(reproduced, path))
    return Project(directory / "repo"), (directory / "output").read_text()


def _edit(reproduced: Project, directory: Path) -> None:
    project = copy_project(reproduced, directory)
    project.edit("conf/model/linear.yaml", "alpha: 1.0", "alpha: 40.0")
    (directory / "output").write_text(project.dvc("repro").stdout)


def test_a_problem_runs_end_to_end_from_conf_alone(reproduced, first_run):
    assert ran((first_run / "output").read_text()) == stages(reproduced)
    outputs = set(locked(reproduced))
    assert {"models/scorer", "models/reference", "reports/index.html"} < outputs
    assert all((reproduced.path / output).exists() for output in outputs)
    metrics = json.loads((reproduced.path / "reports/metrics.json").read_text())
    assert metrics["n"] == 144
    assert 0.4 < metrics["r2"] < 0.6


def test_small_outputs_are_in_git_and_large_ones_in_the_cache(reproduced):
    kept = set(reproduced.run("git", "ls-files").stdout.splitlines())
    outputs = {path for path in locked(reproduced) if path in kept}
    assert outputs == KEPT
    heavy = {path for path in kept if path.startswith(("models/", "data/features"))}
    assert heavy <= {"models/.gitignore"}
    assert reproduced.run("git", "status", "--short").stdout == ""


def test_nothing_runs_where_nothing_changed(project):
    output = project.dvc("repro").stdout
    assert ran(output) == []
    assert output.endswith("Data and pipelines are up to date.\n")
    assert project.run("git", "status", "--short").stdout == ""


@pytest.mark.parametrize("floor", [0.2, pytest.param(0.9, marks=pytest.mark.slow)])
def test_the_exit_code_of_gate_is_the_verdict(project, floor):
    if floor != 0.2:
        project.edit("conf/gate/regression.yaml", "r2: 0.2", f"r2: {floor}")
        assert set(ran(project.dvc("repro").stdout)) == {"compose", "evaluate", "package", "report"}
    verdict = json.loads((project.path / "reports/gate.json").read_text())["verdict"]
    assert verdict == ("merge" if floor == 0.2 else "do_not_merge")
    done = project.mooring("gate", check=False)
    assert done.returncode == (0 if floor == 0.2 else 1)
    assert done.stdout.startswith(f"verdict: {verdict}\n")


@pytest.mark.slow
def test_an_edit_of_the_model_reruns_its_dependents(edited):
    _, output = edited
    assert ran(output) == [
        "compose", "search", "train", "evaluate", "reference", "package", "report",
    ]  # fmt: skip


def test_a_hand_edit_of_params_yaml_is_reverted(project):
    before = (project.path / "params.yaml").read_text()
    project.edit("params.yaml", "alpha: 1.0", "alpha: 3.0")
    assert ran(project.dvc("repro").stdout) == ["compose"]
    assert (project.path / "params.yaml").read_text() == before


CONFLICT = "<<<<<<< HEAD\ntrain: 1\n=======\ntrain: 2\n>>>>>>> theirs\n"


@pytest.mark.slow
@pytest.mark.parametrize("text", [CONFLICT, None])
def test_a_conflict_in_code_yaml_goes_away_by_repro(project, text):
    path = project.path / "code.yaml"
    before = path.read_text()
    path.write_text(text) if text else path.unlink()
    assert ran(project.dvc("repro").stdout) == ["code"]
    assert path.read_text() == before
    assert project.run("git", "status", "--short").stdout == ""


@pytest.mark.slow
def test_an_environment_that_is_not_the_locked_one_runs_nothing(project):
    here = metadata.version("numpy")
    project.edit("requirements.lock", f"numpy=={here} ", "numpy==0.1 ")
    done = project.dvc("repro", check=False)
    assert ran(done.stdout) == ["code"]
    assert (
        "stage code failed\n"
        "requirements.lock: installed packages differ from it\n"
        f"  got: numpy {here}, pinned at 0.1\n"
    ) in done.stderr


@pytest.mark.slow
def test_params_diff_shows_what_was_edited(edited):
    project, _ = edited
    assert json.loads(project.dvc("params", "diff", "--json").stdout) == {
        "params.yaml": {"model.params.alpha": {"old": 1.0, "new": 40.0, "diff": 39.0}}
    }


@pytest.mark.slow
def test_metrics_diff_shows_the_effect_of_an_edit(edited):
    project, _ = edited
    (changes,) = json.loads(project.dvc("metrics", "diff", "--json").stdout).values()
    assert {"rmse", "r2", "mae"} < set(changes)
    assert changes["rmse"]["new"] > changes["rmse"]["old"]
    assert "n" not in changes


@pytest.mark.slow
def test_exp_show_puts_metrics_beside_params(edited):
    project, _ = edited
    lines = project.dvc("exp", "show", "--csv").stdout.splitlines()
    workspace = dict(zip(lines[0].split(","), lines[1].split(","), strict=False))
    metrics = json.loads((project.path / "reports/metrics.json").read_text())
    assert workspace["Experiment"] == ""
    assert float(workspace["rmse"]) == pytest.approx(metrics["rmse"])
    assert "model.params.alpha" in lines[0]


def test_plots_show_draws_the_plots_of_the_task(reproduced, tmp_path):
    reproduced.dvc("plots", "show", "--out", str(tmp_path / "plots"))
    page = (tmp_path / "plots/index.html").read_text()
    assert "residual" in page
    assert page.count('"$schema"') >= 3


@pytest.mark.slow
def test_plots_diff_draws_both_revisions(edited, tmp_path):
    project, _ = edited
    project.dvc("plots", "diff", "HEAD", "--out", str(tmp_path / "plots"))
    page = (tmp_path / "plots/index.html").read_text()
    assert '"rev": "workspace"' in page
    assert '"rev": "HEAD"' in page


@pytest.mark.slow
def test_the_weather_runs_end_to_end_from_conf_alone(weather):
    assert ran((weather.path.parent / "output").read_text()) == stages(weather)
    metrics = json.loads((weather.path / "reports/metrics.json").read_text())
    assert metrics["n"] == 4_266
    assert metrics["roc_auc"] > 0.85
    assert weather.mooring("gate").stdout.startswith("verdict: merge\n")
    index = json.loads((weather.path / "models/reference/index.json").read_text())
    assert len(index["blocks"]) == 273


@pytest.mark.slow
def test_another_clone_on_another_clock_gives_the_same_lock(reproduced, tmp_path):
    """In another folder, zone, language and mask, and by another order of hash tables."""
    project = make_project(tmp_path / "another/place/repo", "diabetes")
    write_diabetes(project)
    elsewhere = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    project.run("bash", "-c", "umask 077 && chmod -R go= . && dvc repro", **elsewhere)
    assert locked(project) == locked(reproduced)
    assert (project.path / "dvc.lock").read_text() == (reproduced.path / "dvc.lock").read_text()


@pytest.mark.slow
def test_a_fresh_clone_reproduces_what_is_committed(flights):
    """So `git status` is clean after a first run: every output has the digest of dvc.lock."""
    assert spoilt_objects(flights) == []
    committed = locked(Project(ROOT))
    differing = {path for path, digest in locked(flights).items() if committed.get(path) != digest}
    assert differing == set(), "run 'dvc repro' and commit dvc.lock"
    lock, fresh = (yaml.safe_load((p / "dvc.lock").read_text()) for p in (ROOT, flights.path))
    assert fresh == lock
    written = set(flights.run("git", "diff", "--name-only", "HEAD~1").stdout.split())
    assert written == {"dvc.lock", *KEPT}
    assert [
        name for name in KEPT if (ROOT / name).read_bytes() != (flights.path / name).read_bytes()
    ] == []
