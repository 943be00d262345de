"""Refusing before training: by name what cannot be compiled, and what compiles unfaithfully."""

import numpy as np
import pytest

from mooring.errors import CompileError, ConfigError, ModelError
from mooring.models.compilable import SAMPLE_ROWS, refuse_uncompilable
from mooring.models.training import fit, predict
from tests.support import tables


def refuse(estimator: str, task: str = "classification", **params: object) -> None:
    table = tables.table(200, task)
    model = tables.model(f"sklearn.{estimator}", task, **params)
    refuse_uncompilable(table, tables.features(), model, {}, tables.runtime())


@pytest.mark.parametrize(
    ("estimator", "task"),
    [
        ("linear_model.LogisticRegression", "classification"),
        ("naive_bayes.GaussianNB", "classification"),  # by way of skl2onnx
        ("linear_model.Ridge", "regression"),
    ],
)
def test_a_model_that_compiles_faithfully_is_accepted(estimator: str, task: str) -> None:
    refuse(estimator, task)


@pytest.mark.parametrize(
    ("estimator", "task", "what", "got"),
    [
        (
            "ensemble.AdaBoostClassifier",
            "classification",
            "the estimator sklearn.ensemble.AdaBoostClassifier cannot be compiled faithfully",
            "Op registered for TreeEnsembleClassifier is deprecated in domain_version of 5",
        ),
        (
            "dummy.DummyRegressor",
            "regression",
            "the estimator DummyRegressor cannot be compiled",
            "Unable to find a shape calculator for type '<class 'sklearn.dummy.DummyRegressor'>'.",
        ),
    ],
)
def test_a_model_that_does_not_compile_is_refused_by_name(
    estimator: str, task: str, what: str, got: str
) -> None:
    with pytest.raises(CompileError) as caught:
        refuse(estimator, task)
    assert (caught.value.what, caught.value.got) == (what, got)
    assert caught.value.where == "conf/model"


def test_scores_that_differ_are_refused_with_the_difference() -> None:
    with pytest.raises(CompileError, match=r"got: scores that differ by 0.* on 200 sample rows"):
        refuse("discriminant_analysis.LinearDiscriminantAnalysis")


@pytest.mark.parametrize(
    ("estimator", "task", "expected"),
    [
        ("linear_model.NoSuch", "regression", "the import path of a scikit-learn estimator"),
        ("no_such.Model", "regression", "the import path of a scikit-learn estimator"),
        (
            "preprocessing.StandardScaler",
            "regression",
            "a scikit-learn estimator for regression, with predict",
        ),
        (
            "cluster.KMeans",
            "regression",
            "a scikit-learn estimator for regression, with predict",
        ),
        (
            "linear_model.Ridge",
            "classification",
            "a scikit-learn estimator for classification, with predict_proba",
        ),
        (
            "linear_model.LogisticRegression",
            "regression",
            "a scikit-learn estimator for regression, with predict",
        ),
        (
            "linear_model.RidgeClassifier",
            "classification",
            "a scikit-learn estimator for classification, with predict_proba",
        ),
        ("linear_model.SGDClassifier", "classification", "an estimator with predict_proba"),
        (
            "ensemble.StackingClassifier",
            "classification",
            "an estimator built from plain parameters",
        ),
        ("base.clone", "regression", "a scikit-learn estimator for regression, with predict"),
    ],
)
def test_an_estimator_of_another_kind_is_refused_by_its_path(
    estimator: str, task: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        refuse(estimator, task)
    assert caught.value.what == f"model.estimator = sklearn.{estimator}"
    assert caught.value.expected == expected
    assert caught.value.fix == "edit conf/model/, then run 'mooring compose'"


def test_an_unknown_parameter_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        refuse("linear_model.Ridge", "regression", alpa=1)
    assert caught.value.what == "model.params.alpa = 1"
    assert caught.value.expected.startswith("a parameter of sklearn.linear_model.Ridge: alpha, ")


def test_a_parameter_beyond_its_range_is_refused_with_scikit_learns_reason() -> None:
    with pytest.raises(ModelError, match="small cannot be fitted on 200 rows") as caught:
        refuse("linear_model.Ridge", "regression", alpha=-1.0)
    assert "The 'alpha' parameter of Ridge must be a float in the range" in caught.value.got


def test_missing_values_that_a_model_refuses_are_explained() -> None:
    table = tables.table(200)
    features = tables.features(impute="none", scale="none")
    model = tables.model("sklearn.linear_model.LogisticRegression", max_iter=5000)
    with pytest.raises(ModelError) as caught:
        refuse_uncompilable(table, features, model, {}, tables.runtime())
    assert caught.value.got == "Input X contains NaN."
    table.frame.fillna({"x": 0.0, "y": 0.0, "z": 0.0}, inplace=True)
    pipeline = fit(table, features, model, {}, tables.runtime())
    with pytest.raises(ModelError) as caught:
        predict(pipeline, tables.table(50))
    assert str(caught.value) == (
        "conf/features: 50 rows cannot be scored\n  got: Input X contains NaN.\n"
        "  fix: impute the missing values in conf/features, then run 'dvc repro'"
    )


def test_one_class_only_is_refused() -> None:
    table = tables.table(200)
    table.target[:] = 1
    model = tables.model("sklearn.linear_model.LogisticRegression")
    with pytest.raises(ModelError) as caught:
        refuse_uncompilable(table, tables.features(), model, {}, tables.runtime())
    assert str(caught.value) == (
        "the train window: all 200 rows have the class 1\n"
        "  expected: both classes, 0 and 1\n"
        "  fix: widen conf/window, or correct the target in the query"
    )


def test_a_rare_class_is_in_the_sample() -> None:
    """One positive in 5,000 rows, where the first 500 rows have none."""
    table = tables.table(10 * SAMPLE_ROWS)
    table.target[:] = 0
    table.target[-1] = 1
    model = tables.model("sklearn.naive_bayes.GaussianNB")
    refuse_uncompilable(table, tables.features(), model, {}, tables.runtime())
    assert np.count_nonzero(table.target) == 1


def test_seed_and_threads_are_pinned() -> None:
    table = tables.table(100)
    model = tables.model("sklearn.ensemble.RandomForestClassifier", n_estimators=3)
    pipeline = fit(table, tables.features(), model, {"n_estimators": 2}, tables.runtime(2))
    forest = pipeline.named_steps["model"]
    assert (forest.random_state, forest.n_jobs, forest.n_estimators) == (13, 2, 2)
