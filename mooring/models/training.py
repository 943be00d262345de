"""Fit a pipeline on a table, and score rows with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mooring.config.features import Features
from mooring.config.model import Model
from mooring.config.runtime import Runtime
from mooring.errors import ModelError
from mooring.models.pipeline import build_pipeline
from mooring.models.table import Table


def fit(
    table: Table, features: Features, model: Model, params: Mapping[str, Any], runtime: Runtime
) -> Pipeline:
    """Return the pipeline of conf/, fitted on the whole table.

    Raises ModelError with scikit-learn's message when it cannot be fitted.
    """
    pipeline = build_pipeline(features, model, params, runtime)
    try:
        pipeline.fit(table.frame, target_of(table, model))
    except ValueError as error:
        raise ModelError(
            f"{model.name} cannot be fitted on {len(table):,} rows",
            where="conf/model",
            got=str(error).strip().splitlines()[0],
            fix="correct conf/model or conf/features, then run 'dvc repro'",
        ) from error
    return pipeline


def target_of(table: Table, model: Model) -> NDArray[Any]:
    """Return the target for the estimator, (n,): classes 0 and 1, or numbers."""
    if model.task == "regression":
        return table.target
    classes = table.target.astype(np.int64)
    if classes.min() == classes.max():
        raise ModelError(
            f"all {len(table):,} rows have the class {classes[0]}",
            where="the train window",
            expected="both classes, 0 and 1",
            fix="widen conf/window, or correct the target in the query",
        )
    return classes


def predict(pipeline: Pipeline, table: Table) -> NDArray[np.float64]:
    """Return one score a row, (n,): the probability of class 1, or the predicted number.

    Raises ModelError with scikit-learn's message, such as for a missing value in a column without any in
    training.
    """
    try:
        if hasattr(pipeline, "classes_"):
            return np.asarray(pipeline.predict_proba(table.frame)[:, 1])
        return np.asarray(pipeline.predict(table.frame), dtype=np.float64)
    except ValueError as error:
        raise ModelError(
            f"{len(table):,} rows cannot be scored",
            where="conf/features",
            got=str(error).strip().splitlines()[0],
            fix="impute the missing values in conf/features, then run 'dvc repro'",
        ) from error
