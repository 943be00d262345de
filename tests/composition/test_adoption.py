"""An adopted experiment is in conf/, so that conf/ composes to exactly what ran, and nothing trains."""

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf

from mooring.composition.adoption import adopt
from mooring.composition.compose import compose
from mooring.errors import ConfigError, GitError
from tests.support.conf import copy_conf
from tests.support.workspaces import ROOT, copied, dvc_repository, git_repository


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    workspace = git_repository(tmp_path_factory.mktemp("experiment"))
    shutil.copytree(ROOT / "conf", workspace.path / "conf")
    workspace.write("params.yaml", OmegaConf.to_yaml(compose(workspace.path / "conf")))
    workspace.commit("start")
    return workspace


@pytest.fixture
def project(template, tmp_path, monkeypatch):
    workspace = copied(template, tmp_path)
    monkeypatch.chdir(workspace.path)
    return workspace


def commit_experiment(project, name: str, params: str) -> str:
    """Leave what `dvc exp run` leaves: a commit with its params.yaml, under refs/exps."""
    base = project.git("rev-parse", "HEAD")
    project.write("params.yaml", params)
    sha = project.commit(name)
    project.git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/{name}", sha)
    project.git("reset", "--quiet", "--hard", base)
    return sha


def experiment(project, name: str, *overrides: str) -> str:
    params = OmegaConf.to_yaml(compose(Path("conf"), overrides))
    return commit_experiment(project, name, params)


def ran(sha: str) -> dict:
    text = subprocess.run(
        ["git", "show", f"{sha}:params.yaml"], capture_output=True, check=True
    ).stdout
    return yaml.safe_load(text)


def changed_lines(project) -> list[str]:
    """Return the lines of conf/ that differ from the last commit, each with its file."""
    lines = []
    for path in project.git("diff", "--name-only").splitlines():
        before = project.git("show", f"HEAD:{path}").splitlines()
        after = (project.path / path).read_text().splitlines()
        diff = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
        lines += [f"{path} {line}" for line in diff if not line.startswith("@@")]
    return lines


TOGETHER = [
    [],
    ["model=forest", "model.params.max_depth=7"],
    ["model.params.max_depth=4", "+model.params.max_bins=100", "~model.space.learning_rate"],
    ["~model.space", "+model.space={}", "window=diabetes"],
    ["search=tpe", "search.n_trials=7", "search.metric=brier", "window.test_days=14"],
    ["problem=weather"],
    ["problem=diabetes", "model=forest_regression", "gate.floors.r2=0.1"],
    [
        *("runtime.seed=14", "drift.reference_folds=4", "features.categorical.0.min_frac=0.01"),
        *("report.slices=[origin]", "gate.metric=average_precision", "gate.floors={}"),
        *("data.columns.distance.description='yes'", "data.columns.distance.unit='a: b # c'"),
        *("data.columns.seats.unit='1e3'", "data.columns.seats.description='2013-01-01'"),
    ],
]
ONE_BY_ONE = [
    ["model=logistic"],
    ["model.params.max_depth=4"],
    ["+model.params.max_bins=100"],
    ["~model.space.learning_rate"],
    ["model.space.learning_rate.high=0.5"],
    ["search=tpe"],
    ["window.train_end=2013-09-01"],
    ["window=diabetes"],
    ["problem=diabetes"],
    ["runtime.seed=14"],
    ["features.derived=[wind_x,wind_y,departure_sin,departure_cos,route]"],
    ["features.categorical.0.min_frac=0.01"],
    ["report.slices=[origin]", "report.threshold=0.5"],
    ["gate.parity_atol=1e-5", "gate.metric=average_precision", "gate.floors={}"],
    ["data.columns.distance.description='yes'", "data.target.unit='on'"],
    ["data.columns.distance.unit='1e3'", "data.columns.distance.description='2013-01-01'"],
    ["data.columns.distance.unit='a: b # c'"],
]


@pytest.mark.parametrize(
    "overrides",
    [*TOGETHER, *(pytest.param(each, marks=pytest.mark.prove) for each in ONE_BY_ONE)],
    ids=" ".join,
)
def test_conf_composes_to_what_the_experiment_ran(project, overrides):
    sha = experiment(project, "chosen", *overrides)
    changes = adopt("chosen").changes
    assert OmegaConf.to_container(compose(Path("conf"))) == ran(sha)
    assert bool(changes) == bool(overrides)
    changed = {Path(path) for path in project.git("diff", "--name-only").splitlines()}
    assert changed == set(changes)
    assert adopt("chosen").changes == {}


def test_a_chosen_option_is_written_to_the_list_that_picks_it(project):
    experiment(project, "chosen", "model=logistic", "search=tpe")
    changes = adopt("chosen").changes
    assert changes == {
        Path("conf/problem/flights.yaml"): ["/model: boosted → logistic"],
        Path("conf/config.yaml"): ["search: none → tpe"],
    }
    assert changed_lines(project) == [
        "conf/config.yaml -  - search: none",
        "conf/config.yaml +  - search: tpe",
        "conf/problem/flights.yaml -  - /model: boosted",
        "conf/problem/flights.yaml +  - /model: logistic",
    ]


def test_adopting_another_problem_changes_the_choice_of_problem(project):
    experiment(project, "chosen", "problem=weather", "model=logistic")
    assert adopt("chosen").changes == {
        Path("conf/problem/weather.yaml"): ["/model: boosted → logistic"],
        Path("conf/config.yaml"): ["problem: flights → weather"],
    }


def test_other_problems_still_compose_after_a_model_was_adopted(project):
    experiment(project, "chosen", "model=logistic")
    adopt("chosen")
    assert compose(Path("conf"), ["problem=diabetes"]).model.name == "linear"
    assert compose(Path("conf"), ["model=forest"]).model.name == "forest"


def test_an_override_in_config_yaml_is_the_line_that_changes(project):
    config = project.path / "conf/config.yaml"
    text = config.read_text().replace("  - _self_", "  - _self_\n  - override /model: forest")
    config.write_text(text)
    project.commit()
    experiment(project, "chosen", "model=logistic")
    assert adopt("chosen").changes == {
        Path("conf/config.yaml"): ["override /model: forest → logistic"]
    }


def test_values_change_in_the_groups_own_file_and_nothing_else_there(project):
    experiment(
        project,
        "chosen",
        "window.train_end=2013-09-01",
        "model.space.max_leaf_nodes.high=127",
        "model.params.max_depth=4",
        "data.target.unit=late",
    )
    assert adopt("chosen").changes == {
        Path("conf/data/flights.yaml"): ["data.target.unit: 0 or 1 → late"],
        Path("conf/window/flights.yaml"): ["window.train_end: 2013-06-01 → 2013-09-01"],
        Path("conf/model/boosted.yaml"): [
            "model.params.max_depth: None → 4",
            "model.space.max_leaf_nodes.high: 63 → 127",
        ],
    }
    old, new = (
        f"  max_leaf_nodes: {{ kind: int, low: 7, high: {high}, log: true }}" for high in (63, 127)
    )
    comment = "# the first day after the train window"
    assert changed_lines(project) == [
        'conf/data/flights.yaml -  unit: "0 or 1"',
        'conf/data/flights.yaml +  unit: "late"',
        "conf/model/boosted.yaml -  max_depth: null",
        "conf/model/boosted.yaml +  max_depth: 4",
        f"conf/model/boosted.yaml -{old}",
        f"conf/model/boosted.yaml +{new}",
        f"conf/window/flights.yaml -train_end: 2013-06-01 {comment}",
        f"conf/window/flights.yaml +train_end: 2013-09-01 {comment}",
    ]


def test_an_interpolation_with_the_wanted_value_stays(project):
    metric = "gate.metric=average_precision"
    experiment(project, "chosen", "search=tpe", metric, "search.n_trials=7")
    adopt("chosen")
    assert "metric: ${gate.metric}\n" in (project.path / "conf/search/tpe.yaml").read_text()
    experiment(project, "other", "search.metric=log_loss")
    adopt("other")
    assert "metric: log_loss\n" in (project.path / "conf/search/tpe.yaml").read_text()


def test_an_inheriting_option_gets_only_the_differences(project):
    project.write(
        "conf/model/deep.yaml", "defaults:\n  - boosted\n  - _self_\nparams:\n  max_depth: 9\n"
    )
    project.commit()
    experiment(project, "chosen", "model=deep", "model.space.learning_rate.high=0.5")
    assert adopt("chosen").changes == {
        Path("conf/problem/flights.yaml"): ["/model: boosted → deep"],
        Path("conf/model/deep.yaml"): ["model.space.learning_rate.high: 0.3 → 0.5"],
    }


def test_settings_that_conf_cannot_hold_change_nothing_and_are_named(project):
    config = project.path / "conf/config.yaml"
    config.write_text(config.read_text() + "runtime:\n  seed: 99\n")
    project.commit()
    experiment(project, "chosen", "runtime.seed=7", "model=logistic")
    with pytest.raises(ConfigError) as caught:
        adopt("chosen")
    assert str(caught.value) == (
        "experiment chosen: the experiment's settings cannot be written into conf/; nothing was changed\n"
        "  got: keys that still differ: runtime.seed\n"
        "  fix: remove the keys from conf/config.yaml and conf/problem/, which override the group"
    )
    assert project.git("status", "--porcelain") == ""


def test_settings_that_are_no_longer_allowed_are_refused(project):
    params = (project.path / "params.yaml").read_text().replace("seed: 13", "sead: 13")
    commit_experiment(project, "old", params)
    with pytest.raises(ConfigError) as caught:
        adopt("old")
    assert caught.value.where == "params.yaml of experiment old"
    assert project.git("status", "--porcelain") == ""


def test_an_unknown_experiment_lists_the_known_ones(project):
    shas = [experiment(project, name, "model=logistic") for name in ("solid-pike", "tame-wolf")]
    with pytest.raises(ConfigError) as caught:
        adopt("wild-wolf")
    assert str(caught.value) == (
        "wild-wolf: no such experiment\n"
        f"  expected: one of solid-pike ({shas[0][:7]}), tame-wolf ({shas[1][:7]})\n"
        "  fix: see 'dvc exp list --all'"
    )


def test_without_experiments_the_error_says_so(project):
    with pytest.raises(ConfigError) as caught:
        adopt("wild-wolf")
    assert caught.value.expected == "an experiment; there are none yet"


def test_an_ambiguous_experiment_name_requires_the_sha(project):
    first = experiment(project, "twin", "model=logistic")
    project.commit("next")
    second = experiment(project, "twin", "model=forest")
    with pytest.raises(ConfigError) as caught:
        adopt("twin")
    assert caught.value.what == "several experiments have this name"
    assert caught.value.fix == "give the sha"
    assert {first[:7], second[:7]} <= set(
        caught.value.expected.replace("(", " ").replace(")", " ").split()
    )
    assert adopt(second[:8]).sha == second


def test_an_experiment_without_params_is_an_error(project):
    base = project.git("rev-parse", "HEAD")
    project.git("rm", "--quiet", "params.yaml")
    sha = project.commit("without")
    project.git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/without", sha)
    with pytest.raises(GitError, match="params"):
        adopt("without")


PIPELINE = """
stages:
  compose:
    cmd: mooring compose
    deps: [conf]
    outs:
      - params.yaml: {cache: false, persist: true}
  train:
    cmd: echo trained >> ../trainings && grep -A3 params params.yaml | md5sum > model.bin
    params: [model, search, runtime]
    outs: [model.bin]
"""


@pytest.mark.slow
def test_after_an_adoption_repro_trains_nothing_and_restores_the_experiments_model(tmp_path):
    project = dvc_repository(tmp_path)
    copy_conf(project.path)
    project.write("dvc.yaml", PIPELINE)
    config = project.path / ".dvc/config"
    config.write_text(config.read_text() + "[hydra]\n    enabled = true\n")
    project.write(".gitignore", "data/\n/model.bin\n")
    project.write("params.yaml", "{}\n")
    project.git("rm", "--quiet", "--cached", ".dvc/tmp", code=128)
    project.dvc("repro", "--quiet")
    project.commit("start")
    trainings = tmp_path / "trainings"
    before = (project.path / "model.bin").read_text()

    override = ["-S", "model=logistic", "-S", "model.params.C=0.5"]
    project.dvc("exp", "run", "--quiet", "--name", "solid-pike", *override)
    after = (project.path / "model.bin").read_text()
    assert after != before
    project.git("reset", "--quiet", "--hard")
    project.dvc("repro", "--quiet")
    assert (project.path / "model.bin").read_text() == before
    assert trainings.read_text().count("trained") == 2

    assert project.mooring("experiment", "adopt", "solid-pike") == (
        "conf/problem/flights.yaml\n  /model: boosted → logistic\n"
        "conf/model/logistic.yaml\n  model.params.C: 1.0 → 0.5\n"
        "conf/ composes to what solid-pike ran; run 'dvc repro' to restore it\n"
    )
    project.dvc("repro")
    assert (project.path / "model.bin").read_text() == after
    assert trainings.read_text().count("trained") == 2
    assert project.dvc("status") == "Data and pipelines are up to date.\n"
    assert project.mooring("compose", "--check") == "params.yaml matches conf/\n"

    project.commit("adopted")
    project.dvc("exp", "run", "--quiet", "--name", "tame-wolf", "-S", "model=forest")
    assert "forest" in (project.path / "params.yaml").read_text()
    assert trainings.read_text().count("trained") == 3
