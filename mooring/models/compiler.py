"""Compile a fitted pipeline, once, to the ONNX model that is served, in float64 from end to end.

The ONNX model takes the matrices of mooring/features/derivation.py and returns one score for each row: the
probability of the positive class, or the predicted number. Linear models and trees are compiled by the
rules here, exact to the last bits; any other scikit-learn estimator goes through skl2onnx, in float32,
and is accepted only if it agrees (mooring/models/compilable.py).
"""

from importlib import import_module
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from mooring.errors import CompileError
from mooring.models.folding import ColumnFolding
from mooring.models.onnx_graph import Graph
from mooring.models.transformers import compile_columns
from mooring.models.trees import (
    compile_forest,
    compile_gradient_boosting,
    compile_hist_gradient_boosting,
)

LOGISTIC = {"LogisticRegression", "LogisticRegressionCV"}
LINEAR = {
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "Lasso",
    "LassoCV",
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "BayesianRidge",
    "QuantileRegressor",
    "LinearSVR",
}
LOG_LINEAR = {"PoissonRegressor", "GammaRegressor"}
HISTOGRAM = "HistGradientBoosting"
FORESTS = ("RandomForest", "ExtraTree", "DecisionTree")
LOG_LOSSES = {"poisson", "gamma"}


def compile_pipeline(pipeline: Pipeline, n_numeric: int) -> bytes:
    """Return the ONNX model of a fitted pipeline of the steps `columns` and `model`.

    Its rows are `n_numeric` number columns, then category columns.

    Raises CompileError naming a transformer or estimator without a rule.
    """
    graph = Graph(n_numeric)
    estimator = pipeline.named_steps["model"]
    folds: dict[int, ColumnFolding] = {}
    keeps = folds if type(estimator).__name__.startswith(HISTOGRAM) else None
    columns = compile_columns(graph, pipeline.named_steps["columns"], n_numeric, keeps)
    if len(getattr(estimator, "classes_", (0, 1))) != 2:
        raise CompileError(
            f"{type(estimator).__name__} with more than two classes cannot be compiled"
        )
    score = _compile_estimator(graph, columns, estimator, folds)
    return graph.model(score)


def _compile_estimator(
    graph: Graph, columns: str, estimator: Any, folds: dict[int, ColumnFolding]
) -> str:
    name = type(estimator).__name__
    if name in LOGISTIC:
        return _sigmoid(graph, _linear(graph, columns, estimator, sign=-1))
    if name in LINEAR:
        return _linear(graph, columns, estimator)
    if name in LOG_LINEAR:
        return graph.node("Exp", [_linear(graph, columns, estimator)])
    sign = -1 if hasattr(estimator, "classes_") else 1
    if name.startswith(HISTOGRAM):
        raw = compile_hist_gradient_boosting(graph, columns, estimator, folds, sign)
        return _linked(graph, raw, estimator)
    if name.startswith("GradientBoosting") and estimator.loss != "exponential":
        raw = compile_gradient_boosting(graph, columns, estimator, sign)
        return _linked(graph, raw, estimator)
    if name.startswith(FORESTS):
        return compile_forest(graph, columns, estimator)
    converted: str = import_module("mooring.models.converter").convert(graph, columns, estimator)
    return converted


def _linear(graph: Graph, columns: str, estimator: Any, sign: int = 1) -> str:
    weights = graph.constant(sign * np.asarray(estimator.coef_).reshape(-1, 1))
    intercept = graph.constant([sign * float(np.ravel(estimator.intercept_)[0])])
    return graph.node("Add", [graph.node("MatMul", [columns, weights]), intercept])


def _linked(graph: Graph, raw: str, estimator: Any) -> str:
    """Return the score of a raw prediction; a classifier's raw prediction is negated."""
    if hasattr(estimator, "classes_"):
        return _sigmoid(graph, raw)
    return graph.node("Exp", [raw]) if estimator.loss in LOG_LOSSES else raw


def _sigmoid(graph: Graph, negated: str) -> str:
    """Add 1 / (1 + exp(-raw)), since ONNX's Sigmoid computes 1 - sigmoid(-raw): inexact for small scores."""
    above = graph.node("Add", [graph.constant([1.0]), graph.node("Exp", [negated])])
    return graph.node("Reciprocal", [above])
