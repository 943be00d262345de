"""Search the space of conf/model with Optuna: seeded, pruned at the median, resumable.

Trials are stored under a name derived from all their inputs, so that a killed run resumes where it
stopped, and a changed input starts a new study. Each trial's sampler is seeded by the number of trials
finished before it, so that a resumed search gives the same result as an uninterrupted one.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState
from sklearn.base import clone
from sklearn.model_selection import KFold, StratifiedKFold, TimeSeriesSplit
from sqlalchemy.exc import SQLAlchemyError

from mooring.config.features import Features
from mooring.config.metric import HIGHER_IS_BETTER
from mooring.config.model import FloatRange, IntRange, Model, Space
from mooring.config.runtime import Runtime
from mooring.config.search import TpeSearch
from mooring.errors import EnvironmentFault, ModelError
from mooring.machine.progress import Progress
from mooring.metrics.scores import score
from mooring.models.pipeline import build_columns, build_estimator
from mooring.models.table import Table
from mooring.models.training import target_of

SCRATCH = Path(".mooring/search")
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Fold:
    """One fold with transformed columns: arrays (n, width) and (n,)."""

    train: NDArray[np.float64]
    train_target: NDArray[Any]
    test: NDArray[np.float64]
    test_target: NDArray[np.float64]


def search_params(
    table: Table, features: Features, model: Model, search: TpeSearch, runtime: Runtime, name: str
) -> optuna.Study:
    """Return the study `name`, with `search.n_trials` trials finished.

    Raises EnvironmentFault when the database of `search.url_env` cannot be reached.
    """
    folds = list(_folds(table, features, model, search, runtime))
    study = _open_study(search, name)
    with Progress(f"search {model.name}", search.n_trials, unit="trial") as progress:
        while (done := len(finished(study))) < search.n_trials:
            progress.reach(done, _best_text(study, search))
            study.sampler = optuna.samplers.TPESampler(
                n_startup_trials=search.n_startup_trials,
                seed=runtime.seed + _turn(study, search, done),
            )
            study.optimize(
                lambda trial: _objective(trial, folds, model, search, runtime), n_trials=1
            )
        progress.reach(search.n_trials, _best_text(study, search))
    return study


def _turn(study: optuna.Study, search: TpeSearch, done: int) -> int:
    """Return the offset of the next trial's seed: the finished trials, or with several workers all trials."""
    shared = bool(os.environ.get(search.url_env))
    return len(study.get_trials(deepcopy=False)) if shared else done


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that count, in start order."""
    return list(study.get_trials(deepcopy=False, states=FINISHED))


def _open_study(search: TpeSearch, name: str) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    url = os.environ.get(search.url_env)
    if not url:
        SCRATCH.mkdir(parents=True, exist_ok=True)
    try:
        storage = optuna.storages.RDBStorage(url or f"sqlite:///{SCRATCH / name}.db")
        study = optuna.create_study(
            study_name=name,
            storage=storage,
            load_if_exists=True,
            direction="maximize" if search.metric in HIGHER_IS_BETTER else "minimize",
            pruner=optuna.pruners.MedianPruner(n_startup_trials=search.n_startup_trials),
        )
    except (
        optuna.exceptions.StorageInternalError,
        SQLAlchemyError,
        ImportError,
        ValueError,
    ) as error:
        raise EnvironmentFault(
            "the search database cannot be opened",
            where=f"${search.url_env}" if url else str(SCRATCH),
            got=type(error).__name__,
            fix=f"correct or unset {search.url_env}, or delete the local file in {SCRATCH}",
        ) from error
    if not url:
        _forget_killed(study)
    return study


def _forget_killed(study: optuna.Study) -> None:
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)


def _folds(
    table: Table, features: Features, model: Model, search: TpeSearch, runtime: Runtime
) -> Iterator[Fold]:
    target = target_of(table, model)
    for train, test in _splitter(table, model, search, runtime).split(table.frame, target):
        for rows in (train, test):
            target_of(table.rows(rows), model)  # which refuses one class only
        columns = clone(build_columns(features, runtime))
        yield Fold(
            columns.fit_transform(table.frame.iloc[train], target[train]),
            target[train],
            columns.transform(table.frame.iloc[test]),
            table.target[test],
        )


def _splitter(table: Table, model: Model, search: TpeSearch, runtime: Runtime) -> Any:
    if table.times is not None:
        return TimeSeriesSplit(search.n_folds)
    kind = StratifiedKFold if model.task == "classification" else KFold
    return kind(search.n_folds, shuffle=True, random_state=runtime.seed)


def _objective(
    trial: optuna.Trial, folds: list[Fold], model: Model, search: TpeSearch, runtime: Runtime
) -> float:
    params = {**model.params, **{name: _suggest(trial, name, s) for name, s in model.space.items()}}
    scores: list[float] = []
    for number, fold in enumerate(folds):
        estimator = _fitted(model, params, runtime, fold)
        scores.append(score(search.metric, fold.test_target, _scores(estimator, fold.test)))
        trial.report(float(np.mean(scores)), number)
        if trial.should_prune():
            raise optuna.TrialPruned
    return float(np.mean(scores))


def _fitted(model: Model, params: dict[str, Any], runtime: Runtime, fold: Fold) -> Any:
    try:
        return build_estimator(model, params, runtime).fit(fold.train, fold.train_target)
    except ValueError as error:
        raise ModelError(
            f"{model.name} cannot be fitted with a trial's parameters",
            where="conf/model",
            expected="a space in which scikit-learn accepts every point",
            got=f"{params}: {str(error).strip().splitlines()[0]}",
            fix="narrow model.space",
        ) from error


def _scores(estimator: Any, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    if hasattr(estimator, "classes_"):
        return np.asarray(estimator.predict_proba(rows)[:, 1])
    return np.asarray(estimator.predict(rows), dtype=np.float64)


def _suggest(trial: optuna.Trial, name: str, space: Space) -> Any:
    if isinstance(space, FloatRange):
        return trial.suggest_float(name, space.low, space.high, log=space.log)
    if isinstance(space, IntRange):
        return trial.suggest_int(name, space.low, space.high, log=space.log)
    return trial.suggest_categorical(name, list(space.values))


def _best_text(study: optuna.Study, search: TpeSearch) -> str:
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return f"best {search.metric} {study.best_value:.5f}" if done else ""
