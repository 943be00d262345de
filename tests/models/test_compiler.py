"""The compiler: what is served scores as what was fitted, to the last bits, on any rows."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PowerTransformer

from mooring.bento.session import Session
from mooring.config.features import Features
from mooring.errors import CompileError
from mooring.models.compiler import compile_pipeline
from mooring.models.table import Table
from mooring.models.training import fit, predict
from tests.support import tables

RELATIVE = 1e-12
LOGISTIC = ("linear_model.LogisticRegression", {"max_iter": 3000})
BOOSTED = ("ensemble.HistGradientBoostingClassifier", {"max_iter": 8, "early_stopping": False})
OPTIONS: dict[str, dict[str, Any]] = {
    "mean": {"impute": "mean"},
    "median": {"impute": "median"},
    "zero": {"impute": "zero"},
    "indicator": {"indicator": True},
    "indicator-unscaled": {"indicator": True, "scale": "none"},
    "unscaled": {"scale": "none"},
    "robust": {"scale": "robust"},
    "minmax": {"scale": "minmax"},
    "bins": {"scale": "none", "bins": 5},
    "two-bins": {"scale": "none", "bins": 2},
    "onehot-rare": {"encode": "onehot", "min_frac": 0.05},
    "ordinal": {"encode": "ordinal"},
    "ordinal-rare": {"encode": "ordinal", "min_frac": 0.05},
    "target": {"encode": "target"},
}
CLASSIFIERS: list[tuple[str, dict[str, Any]]] = [
    LOGISTIC,
    BOOSTED,
    ("ensemble.RandomForestClassifier", {"n_estimators": 7, "max_depth": 6}),
    ("ensemble.ExtraTreesClassifier", {"n_estimators": 7, "max_depth": 6}),
    ("ensemble.GradientBoostingClassifier", {"n_estimators": 7}),
    ("tree.DecisionTreeClassifier", {}),
]
REGRESSORS: list[tuple[str, dict[str, Any]]] = [
    ("linear_model.Ridge", {}),
    ("linear_model.LinearRegression", {}),
    ("linear_model.Lasso", {"alpha": 0.01}),
    ("ensemble.HistGradientBoostingRegressor", {"max_iter": 8, "early_stopping": False}),
    ("ensemble.RandomForestRegressor", {"n_estimators": 7, "max_depth": 6}),
    ("ensemble.GradientBoostingRegressor", {"n_estimators": 7}),
]
POSITIVE: list[tuple[str, dict[str, Any]]] = [
    ("linear_model.PoissonRegressor", {}),
    ("ensemble.HistGradientBoostingRegressor", {"max_iter": 8, "loss": "poisson"}),
    ("ensemble.HistGradientBoostingRegressor", {"max_iter": 8, "loss": "gamma"}),
]


def served(pipeline: Pipeline, frame: pd.DataFrame, n_numeric: int = 3) -> NDArray[np.float64]:
    """Return the compiled model's scores."""
    compiled = compile_pipeline(pipeline, n_numeric)
    return Session(compiled, 1).score(*rows_of(frame).matrices(n_numeric))


def rows_of(frame: pd.DataFrame) -> Table:
    """Return rows without a target."""
    return Table(frame, np.zeros(len(frame)), frame.index.to_numpy(), None)


def fitted_on(
    name: str, params: dict[str, Any], features: Features, table: Table, task: str
) -> Pipeline:
    model = tables.model(f"sklearn.{name}", task, **params)
    return fit(table, features, model, {}, tables.runtime())


def assert_same(pipeline: Pipeline, table: Table) -> None:
    hostile = tables.hostile_rows(table)
    expected = predict(pipeline, rows_of(hostile))
    assert len(np.unique(expected)) > 1
    found = served(pipeline, hostile)
    assert found.shape == expected.shape
    assert found.dtype == np.float64
    largest = np.maximum(1.0, np.abs(expected))
    assert np.max(np.abs(found - expected) / largest) <= RELATIVE


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("estimator", [LOGISTIC, BOOSTED], ids=["logistic", "boosted"])
def test_every_transformer_scores_as_fitted(
    option: str, estimator: tuple[str, dict[str, Any]]
) -> None:
    table = tables.table()
    # trees tell apart what a scale of 1e15 would blur
    features = tables.features(**OPTIONS[option])
    unscaled_logistic = estimator is LOGISTIC and "scale" in OPTIONS[option]
    if unscaled_logistic and not features.numeric[0].bins and features.numeric[0].scale == "none":
        table.frame["y"] /= 30
        table.frame["z"] /= 1e4
    assert_same(fitted_on(*estimator, features, table, "classification"), table)


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda e: e[0])
@pytest.mark.parametrize("option", ["target", "onehot-rare"])
def test_every_classifier_scores_as_fitted(
    option: str, estimator: tuple[str, dict[str, Any]]
) -> None:
    table = tables.table()
    features = tables.features(**OPTIONS[option])
    assert_same(fitted_on(*estimator, features, table, "classification"), table)


@pytest.mark.parametrize("estimator", REGRESSORS, ids=lambda e: e[0])
@pytest.mark.parametrize("option", ["target", "onehot-rare"])
def test_every_regressor_scores_as_fitted(
    option: str, estimator: tuple[str, dict[str, Any]]
) -> None:
    table = tables.table(task="regression")
    features = tables.features(**OPTIONS[option])
    assert_same(fitted_on(*estimator, features, table, "regression"), table)


@pytest.mark.parametrize("estimator", POSITIVE, ids=str)
def test_models_of_a_logarithm_score_as_fitted(estimator: tuple[str, dict[str, Any]]) -> None:
    table = tables.table(task="regression")
    table.target[:] = np.abs(table.target) + 0.1
    table.frame["z"] /= 1e12  # else exp overflows, as it does in scikit-learn
    features = tables.features(scale="minmax", indicator=True)
    pipeline = fitted_on(*estimator, features, table, "regression")
    expected = predict(pipeline, table)
    np.testing.assert_allclose(served(pipeline, table.frame), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "estimator",
    [BOOSTED, CLASSIFIERS[2], CLASSIFIERS[5]],
    ids=["boosted", "forest", "tree"],
)
def test_missing_values_that_are_not_imputed_take_the_fitted_branch(
    estimator: tuple[str, dict[str, Any]],
) -> None:
    table = tables.table()
    features = tables.features(impute="none", scale="none", encode="ordinal")
    assert_same(fitted_on(*estimator, features, table, "classification"), table)


def test_boosted_trees_that_never_saw_a_missing_value_send_it_where_scikit_learn_does() -> None:
    table = tables.table()
    table.frame.fillna({"x": 0.0, "y": 0.0, "z": 0.0}, inplace=True)
    features = tables.features(impute="none", scale="none")
    assert_same(fitted_on(*BOOSTED, features, table, "classification"), table)


def test_rows_on_a_threshold_take_the_same_branch_as_in_training() -> None:
    """Thresholds in float32 would send some of these down the other branch."""
    table = tables.table(300)
    table.frame["x"] = np.round(np.linspace(0.1, 3, 300), 1) + 1e-9
    features = tables.features(impute="median", scale="none")
    for name, params in (BOOSTED, CLASSIFIERS[2]):
        pipeline = fitted_on(name, params, features, table, "classification")
        difference = np.abs(served(pipeline, table.frame) - predict(pipeline, table))
        assert difference.max() <= RELATIVE


@pytest.mark.parametrize("kind", ["numeric", "categorical"])
def test_a_model_of_one_kind_of_column_is_compiled(kind: str) -> None:
    table = tables.table()
    whole = tables.features().model_dump()
    other = "categorical" if kind == "numeric" else "numeric"
    features = Features.parse("features", whole | {other: ()})
    frame = table.frame[["x", "y", "z"] if kind == "numeric" else ["city", "word"]]
    narrow = Table(frame, table.target, table.keys, table.times)
    pipeline = fitted_on(*LOGISTIC, features, narrow, "classification")
    n_numeric = 3 if kind == "numeric" else 0
    found = served(pipeline, frame, n_numeric)
    np.testing.assert_allclose(found, predict(pipeline, narrow), rtol=1e-12)


def test_a_column_of_nothing_but_missing_values_is_scored() -> None:
    table = tables.table()
    table.frame["x"] = np.nan
    pipeline = fitted_on(*BOOSTED, tables.features(), table, "classification")
    assert_same(pipeline, table)


def test_compiling_twice_gives_the_same_bytes() -> None:
    table = tables.table()
    pipeline = fitted_on(*CLASSIFIERS[2], tables.features(), table, "classification")
    assert compile_pipeline(pipeline, 3) == compile_pipeline(pipeline, 3)


def test_a_transformer_without_a_rule_is_refused_by_name() -> None:
    table = tables.table()
    pipeline = fitted_on(*LOGISTIC, tables.features(), table, "classification")
    columns = ColumnTransformer([("power", PowerTransformer(), [0, 1, 2])])
    odd = Pipeline([("columns", columns), ("model", pipeline.named_steps["model"])])
    odd.named_steps["columns"].fit(table.frame)
    with pytest.raises(CompileError) as caught:
        compile_pipeline(odd, 3)
    assert str(caught.value) == (
        "conf/features: the transformer PowerTransformer cannot be compiled\n"
        "  expected: one of SimpleImputer, StandardScaler, RobustScaler, MinMaxScaler, "
        "KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, TargetEncoder"
    )


def test_native_categorical_splits_are_refused_by_name() -> None:
    table = tables.table()
    features = tables.features(encode="ordinal")
    pipeline = fitted_on(*BOOSTED, features, table, "classification")
    estimator = HistGradientBoostingClassifier(categorical_features=[4], max_iter=4)
    columns = pipeline.named_steps["columns"].transform(table.frame)
    columns[:, 4] = np.maximum(columns[:, 4], 0)
    estimator.fit(columns, columns[:, 4] % 2)
    odd = Pipeline([("columns", pipeline.named_steps["columns"]), ("model", estimator)])
    with pytest.raises(CompileError) as caught:
        compile_pipeline(odd, 3)
    assert str(caught.value) == (
        "conf/model: HistGradientBoostingClassifier: categorical_features cannot be compiled\n"
        "  fix: encode the categories in conf/features"
    )


def test_more_than_two_classes_are_refused_by_name() -> None:
    table = tables.table()
    table.target[:100] = 2
    pipeline = fitted_on(*LOGISTIC, tables.features(), table, "classification")
    with pytest.raises(CompileError) as caught:
        compile_pipeline(pipeline, 3)
    shown = "LogisticRegression with more than two classes cannot be compiled"
    assert caught.value.what == shown
