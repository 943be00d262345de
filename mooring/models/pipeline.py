"""Build the unfitted pipeline: one object for every transformation, columns first, then estimator."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from mooring.config.features import CategoryGroup, Features, NumericGroup
from mooring.config.model import Model
from mooring.config.runtime import Runtime
from mooring.config.section import PARAMS, fix
from mooring.errors import ConfigError

N_ENCODING_FOLDS = 5
"""Each row's target is kept out of its own encoding while fitting."""
SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}
WITHOUT_JOBS = {"LogisticRegression"}
"""Estimators whose n_jobs has no effect since scikit-learn 1.8, which warns about it at each fit."""
IMPUTERS: dict[str, dict[str, Any]] = {
    "mean": {"strategy": "mean"},
    "median": {"strategy": "median"},
    "zero": {"strategy": "constant", "fill_value": 0.0},
}


def build_pipeline(
    features: Features, model: Model, params: Mapping[str, Any], runtime: Runtime
) -> Pipeline:
    """Return the unfitted pipeline of conf/features and conf/model, with `params` overriding model.params.

    Raises ConfigError for an estimator or a parameter that scikit-learn does not have.
    """
    return Pipeline(
        [
            ("columns", build_columns(features, runtime)),
            ("model", build_estimator(model, {**model.params, **params}, runtime)),
        ]
    )


def build_columns(features: Features, runtime: Runtime) -> ColumnTransformer:
    """Return the unfitted transformer of all columns, which it selects by position in the table."""
    groups = [(group.columns, _numeric(group, runtime)) for group in features.numeric]
    groups += [(group.columns, _categorical(group, runtime)) for group in features.categorical]
    steps, start = [], 0
    for number, (columns, step) in enumerate(groups):
        end = start + len(columns)
        steps.append((f"group_{number}", step, list(range(start, end))))
        start = end
    return ColumnTransformer(steps, sparse_threshold=0)


def _numeric(group: NumericGroup, runtime: Runtime) -> Any:
    steps: list[tuple[str, Any]] = []
    if group.impute != "none":
        imputer = SimpleImputer(
            **IMPUTERS[group.impute], add_indicator=group.indicator, keep_empty_features=True
        )
        steps.append(("impute", imputer))
    if group.scale != "none":
        steps.append(("scale", SCALERS[group.scale]()))
    if group.bins is not None:
        steps.append(
            (
                "bins",
                KBinsDiscretizer(
                    group.bins,
                    encode="onehot-dense",
                    quantile_method="averaged_inverted_cdf",
                    random_state=runtime.seed,
                ),
            )
        )
    return Pipeline(steps) if steps else "passthrough"


def _categorical(group: CategoryGroup, runtime: Runtime) -> Any:
    if group.encode == "onehot":
        return OneHotEncoder(
            handle_unknown="infrequent_if_exist", min_frequency=group.min_frac, sparse_output=False
        )
    if group.encode == "ordinal":
        return OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=group.min_frac
        )
    folds = KFold(N_ENCODING_FOLDS, shuffle=True, random_state=runtime.seed)
    return TargetEncoder(cv=folds)


def build_estimator(model: Model, params: Mapping[str, Any], runtime: Runtime) -> BaseEstimator:
    """Return the unfitted estimator, with seed and threads from conf/runtime."""
    estimator_class = _estimator_class(model)
    allowed = set(inspect.signature(estimator_class).parameters)
    unknown = sorted(set(params) - allowed)
    if unknown:
        raise ConfigError(
            f"model.params.{unknown[0]} = {params[unknown[0]]!r}",
            where=str(PARAMS),
            expected=f"a parameter of {model.estimator}: {', '.join(sorted(allowed))}",
            fix=fix("model"),
        )
    pinned: dict[str, Any] = {"random_state": runtime.seed}
    if estimator_class.__name__ not in WITHOUT_JOBS:
        pinned["n_jobs"] = runtime.n_threads
    try:
        estimator: BaseEstimator = estimator_class(
            **params, **{name: value for name, value in pinned.items() if name in allowed}
        )
    except TypeError as error:
        raise _no_estimator(
            model, "an estimator built from plain parameters", str(error)
        ) from error
    if model.task == "classification" and not hasattr(estimator, "predict_proba"):
        raise _no_estimator(
            model, "an estimator with predict_proba", "no predict_proba with these parameters"
        )
    return estimator


def _estimator_class(model: Model) -> Any:
    module, _, name = model.estimator.rpartition(".")
    try:
        estimator = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise _no_estimator(
            model, "the import path of a scikit-learn estimator", str(error)
        ) from error
    kind = ClassifierMixin if model.task == "classification" else RegressorMixin
    method = "predict_proba" if model.task == "classification" else "predict"
    if not (
        inspect.isclass(estimator) and issubclass(estimator, kind) and hasattr(estimator, method)
    ):
        raise _no_estimator(model, f"a scikit-learn estimator for {model.task}, with {method}")
    return estimator


def _no_estimator(model: Model, expected: str, got: str = "") -> ConfigError:
    return ConfigError(
        f"model.estimator = {model.estimator}",
        where=str(PARAMS),
        expected=expected,
        got=got,
        fix=fix("model"),
    )
