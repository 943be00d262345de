"""The search: seeded, pruned, resumed after a kill, and stored where the environment says."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from mooring.config.model import Model
from mooring.config.search import TpeSearch
from mooring.errors import EnvironmentFault, ModelError
from mooring.models.table import Table
from mooring.search.study import SCRATCH, finished, search_params
from mooring.search.trials import best_params, importance_table, trial_table
from tests.support import tables

ROOT = Path(__file__).parents[2]
URL = "A_SEARCH_URL"
WORKER = """
import sys, time
from tests.search import test_study
from mooring.search import study
from mooring.machine.progress import Progress
def reach(self, done, note=""):
    print(done, flush=True)
    if done == 3:
        original = study.build_estimator
        def stuck(*arguments):
            print("stuck", flush=True)
            time.sleep(60)
        study.build_estimator = stuck
Progress.reach = reach
test_study.run("killed")
"""


def settings(**changes: Any) -> TpeSearch:
    values: dict[str, Any] = {
        "kind": "tpe",
        "metric": "roc_auc",
        "n_trials": 6,
        "n_startup_trials": 3,
        "n_folds": 3,
        "url_env": URL,
    }
    return TpeSearch(**values | changes)


def model() -> Model:
    values = tables.model("sklearn.linear_model.LogisticRegression", max_iter=500).model_dump()
    space = {
        "C": {"kind": "float", "low": 1e-6, "high": 10.0, "log": True},
        "fit_intercept": {"kind": "choice", "values": [True, False]},
        "max_iter": {"kind": "int", "low": 400, "high": 600},
    }
    return Model.parse("model", values | {"space": space})


def run(name: str, table: Table | None = None, **changes: Any) -> optuna.Study:
    given = tables.table(150) if table is None else table
    return search_params(
        given, tables.features(), model(), settings(**changes), tables.runtime(), name
    )


def facts(study: optuna.Study) -> list[Any]:
    return [(t.state, t.params, t.value, t.intermediate_values) for t in finished(study)]


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(URL, raising=False)


def test_the_same_seed_gives_the_same_trials_and_a_finished_search_is_not_repeated() -> None:
    first = run("one")
    assert facts(first) == facts(run("two"))
    again = run("one")
    assert facts(again) == facts(first)
    assert len(again.trials) == 6
    assert len({str(trial.params) for trial in first.trials}) == 6


def test_a_killed_search_resumes_to_the_same_trials(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        assert "stuck\n" in iter(worker.stdout.readline, "")
        os.kill(worker.pid, signal.SIGKILL)
    assert (tmp_path / SCRATCH / "killed.db").exists()
    resumed, unbroken = run("killed"), run("unbroken")
    assert [trial.state for trial in resumed.trials].count(TrialState.FAIL) == 1
    assert facts(resumed) == facts(unbroken)
    assert best_params(resumed, settings()) == best_params(unbroken, settings())


def test_bad_trials_are_pruned_after_the_first_ones() -> None:
    study = run("pruned", n_trials=12, n_startup_trials=3)
    states = [trial.state for trial in finished(study)]
    assert TrialState.PRUNED not in states[:3]
    assert TrialState.PRUNED in states[3:]
    pruned = [t for t in finished(study) if t.state == TrialState.PRUNED]
    assert all(len(trial.intermediate_values) <= 3 for trial in pruned)


def test_lower_is_better_where_the_metric_says_so() -> None:
    study = run("loss", metric="log_loss", n_trials=4)
    complete = [t.value for t in finished(study) if t.state == TrialState.COMPLETE]
    assert study.best_value == min(value for value in complete if value is not None)


def test_results_are_written_as_plain_values_and_tables() -> None:
    study = run("tables")
    best = best_params(study, settings())
    assert (best["kind"], best["metric"], best["n_trials"]) == ("tpe", "roc_auc", 6)
    assert set(best["params"]) == {"C", "fit_intercept", "max_iter"}
    trials = trial_table(study)
    assert trials["trial"].tolist() == list(range(6))
    assert set(trials.columns) == {"trial", "state", "value", "best", *best["params"]}
    assert trials["best"].is_monotonic_increasing
    assert trials["best"].iloc[-1] == best["value"]
    importances = importance_table(study)
    assert importances["importance"].sum() == pytest.approx(1.0)
    assert set(importances["parameter"]) == set(best["params"])


def test_the_importance_of_a_single_trial_is_an_empty_table() -> None:
    table = importance_table(run("single", n_trials=1))
    assert (list(table.columns), len(table)) == (["parameter", "importance"], 0)


def test_data_without_time_is_folded_by_the_seed() -> None:
    table = tables.table(150)
    timeless = Table(table.frame, table.target, table.keys, None)
    assert facts(run("a", timeless, n_trials=2)) == facts(run("b", timeless, n_trials=2))
    assert facts(run("a", timeless, n_trials=2)) != facts(run("c", table, n_trials=2))


def test_the_database_of_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = facts(run("shared", n_trials=2))
    monkeypatch.setenv(URL, f"sqlite:///{tmp_path}/elsewhere.db")
    (tmp_path / SCRATCH / "shared.db").unlink()
    assert facts(run("shared", n_trials=2)) == local
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / SCRATCH / "shared.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no/such/secret-word/directory/x.db",
        "nosuchengine://me:secret-word@host/db",
        "postgresql://me:secret-word@localhost:1/db",
        "secret-word",
    ],
)
def test_a_database_that_cannot_be_reached_is_explained_without_its_url(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, url)
    with pytest.raises(EnvironmentFault) as caught:
        run("unreachable")
    assert "secret-word" not in str(caught.value)
    assert caught.value.where == f"${URL}"
    assert caught.value.what == "the search database cannot be opened"


def test_a_damaged_local_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / SCRATCH).mkdir(parents=True)
    (tmp_path / SCRATCH / "damaged.db").write_bytes(b"not a database" * 100)
    with pytest.raises(EnvironmentFault) as caught:
        run("damaged")
    assert caught.value.where == str(SCRATCH)


def test_a_fold_of_one_class_only_is_refused() -> None:
    table = tables.table(150)
    table.target[:100] = 0
    with pytest.raises(ModelError, match="rows have the class 0"):
        run("one-class", table)
    assert np.unique(table.target).tolist() == [0, 1]
