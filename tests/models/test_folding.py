"""Folding: a threshold that moves sends every value the way that it went."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from mooring.models.folding import ColumnFolding, folds_of

SCALERS = {
    "standard": StandardScaler(),
    "robust": RobustScaler(),
    "minmax": MinMaxScaler(),
    "none": FunctionTransformer(),
}
values = st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=20)
thresholds = st.lists(
    st.floats(allow_nan=False) | st.sampled_from([0.0, -0.0, np.inf, -np.inf, 5e-324]),
    min_size=1,
    max_size=20,
)


def folded(steps: list[Any], column: np.ndarray[Any, Any]) -> ColumnFolding:
    """Return the fold of one column that the steps were fitted on."""
    named = Pipeline([(str(number), step) for number, step in enumerate(steps)])
    found = folds_of(named.fit(column[:, None]), 1)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("scaler", SCALERS)
@given(column=values, wanted=thresholds)
def test_a_folded_threshold_is_the_largest_value_that_goes_left(
    scaler: str, column: list[float], wanted: list[float]
) -> None:
    fold = folded([SCALERS[scaler]], np.array(column))
    limits = np.array(wanted)
    found = fold.threshold(limits)
    with np.errstate(over="ignore"):
        assert (fold.scaled(found) <= limits).all()
        beyond = np.nextafter(found, np.inf)
        assert ((fold.scaled(beyond) > limits) | (found == np.inf)).all()
        scaled = SCALERS[scaler].transform(np.array(column)[:, None])[:, 0]
    np.testing.assert_array_equal(fold.scaled(np.array(column)), scaled)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_a_missing_value_takes_the_branch_of_its_imputed_value(strategy: str) -> None:
    column = np.array([1.0, 2.0, 2.0, 9.0, np.nan])
    fold = folded([SimpleImputer(strategy=strategy), StandardScaler()], column)
    limits = np.linspace(-2, 2, 41)
    filled = SimpleImputer(strategy=strategy).fit_transform(column[:, None])
    (expected,) = StandardScaler().fit(filled).transform(filled[-1:])[0]
    of_tree = np.zeros(41, np.uint8)
    assert fold.missing_left(limits, of_tree).tolist() == (expected <= limits).tolist()


def test_a_missing_value_without_imputing_is_left_to_the_tree() -> None:
    fold = folded([StandardScaler()], np.array([1.0, 2.0, 3.0]))
    assert fold.missing_left(np.zeros(2), np.array([0, 1], np.uint8)).tolist() == [False, True]


def test_only_monotonic_transformers_are_folded() -> None:
    column = np.array([[1.0], [np.nan], [3.0]])
    flags = SimpleImputer(add_indicator=True).fit(column)
    assert folds_of(Pipeline([("fill", flags)]), 1) is None
    bins = KBinsDiscretizer(2, encode="onehot-dense", quantile_method="averaged_inverted_cdf")
    steps = [("fill", SimpleImputer()), ("bins", bins)]
    assert folds_of(Pipeline(steps).fit(column), 1) is None
    assert folds_of(Pipeline([*steps[:1], ("scale", StandardScaler()), *steps[1:]]), 1) is None
