"""The results of a search: the best parameters, and tables of trials and importances."""

from typing import Any

import optuna
import pandas as pd

from mooring.config.search import TpeSearch
from mooring.search.study import finished

SEED = 0


def best_params(study: optuna.Study, search: TpeSearch) -> dict[str, Any]:
    """Return the content of models/search.json."""
    return {
        "kind": "tpe",
        "metric": search.metric,
        "value": study.best_value,
        "n_trials": len(finished(study)),
        "params": study.best_params,
    }


def trial_table(study: optuna.Study) -> pd.DataFrame:
    """Return one row for each finished trial, in order: its value, the best so far and its parameters."""
    better = max if study.direction == optuna.study.StudyDirection.MAXIMIZE else min
    rows, best = [], None
    for number, trial in enumerate(finished(study)):
        complete = trial.state == optuna.trial.TrialState.COMPLETE
        if complete:
            assert trial.value is not None
            best = trial.value if best is None else better(best, trial.value)
        rows.append(
            {
                "trial": number,
                "state": trial.state.name.lower(),
                "value": trial.value,
                "best": best,
                **trial.params,
            }
        )
    return pd.DataFrame(rows)


def importance_table(study: optuna.Study) -> pd.DataFrame:
    """Return one row for each parameter: the share of the variance that it explains (fANOVA)."""
    complete = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    if len(complete) < 2:
        return pd.DataFrame(columns=["parameter", "importance"])
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=SEED)
    importances = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return pd.DataFrame(importances.items(), columns=["parameter", "importance"])
