"""ColumnFolding imputing and scaling of a column into the thresholds of the trees.

Scaling is monotonic, so `scaled(x) <= t` is `x <= T`, where T is the largest float64 whose scaled value
is at most t. Bisection over the float64s finds T exactly: no row takes another branch.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

Floats = NDArray[np.float64]
Scale = Callable[[Floats, Any], Floats]
ALL_BUT_SIGN = np.int64(np.iinfo(np.int64).max)
N_HALVINGS = 64


class ColumnFolding(NamedTuple):
    """The transformation of one column before the trees."""

    fill: float
    """The value imputed for a missing one; NaN if the tree handles missing values."""
    scaled: Callable[[Floats], Floats]
    """The scaling of values, (n,): a non-decreasing function."""

    def threshold(self, thresholds: Floats) -> Floats:
        """Return, for each threshold of the scaled value, the threshold of the raw value, (n,)."""
        with np.errstate(over="ignore"):
            lowest, highest = np.array([-np.inf, np.inf])
            low = np.full(len(thresholds), _ordinal(lowest))
            high = np.full(len(thresholds), _ordinal(highest))
            for _ in range(N_HALVINGS):
                middle = (low & high) + ((low ^ high) >> 1)
                reached = self.scaled(_float(middle)) <= thresholds
                low, high = np.where(reached, middle, low), np.where(reached, high, middle)
        return np.where(thresholds == np.inf, np.inf, _float(low))

    def missing_left(self, thresholds: Floats, of_tree: NDArray[Any]) -> NDArray[np.bool_]:
        """Return whether a missing value goes left, given where the tree itself sends it."""
        if np.isnan(self.fill):
            return of_tree.astype(bool)
        return np.asarray(self.scaled(np.array([self.fill])) <= thresholds)


def folds_of(step: Any, n_columns: int) -> list[ColumnFolding] | None:
    """Return a fold for each column of a fitted numeric transformer; None if it cannot be folded."""
    steps = [inner for _, inner in step.steps] if isinstance(step, Pipeline) else [step]
    fills = np.full(n_columns, np.nan)
    if type(steps[0]).__name__ == "SimpleImputer":
        imputer = steps.pop(0)
        if imputer.add_indicator and len(imputer.indicator_.features_):
            return None
        fills = imputer.statistics_
    scale: Scale | None = _plain
    if steps and not passes(steps[0]):
        scale = SCALES.get(type(steps[0]).__name__)
    if scale is None or len(steps) > 1:
        return None
    return [_fold(fill, scale, steps[:1], at) for at, fill in enumerate(fills)]


def _fold(fill: float, scale: Scale, steps: list[Any], at: int) -> ColumnFolding:
    parameters = steps and {
        name: np.asarray(values)[at]
        for name, values in vars(steps[0]).items()
        if name in ("mean_", "center_", "scale_", "min_")
    }
    return ColumnFolding(float(fill), lambda values: scale(values, parameters))


def passes(step: Any) -> bool:
    """Return whether a fitted transformer passes its columns through unchanged."""
    return isinstance(step, FunctionTransformer) and step.func is None


def _plain(values: Floats, _: Any) -> Floats:
    return values


SCALES: dict[str, Scale] = {
    "StandardScaler": lambda values, of: (values - of["mean_"]) / of["scale_"],
    "RobustScaler": lambda values, of: (values - of["center_"]) / of["scale_"],
    "MinMaxScaler": lambda values, of: values * of["scale_"] + of["min_"],
}


def _ordinal(values: Floats) -> NDArray[np.int64]:
    """Return integers in the same order as the float64s."""
    bits = values.view(np.int64)
    return np.where(bits < 0, bits ^ ALL_BUT_SIGN, bits)


def _float(ordinals: NDArray[np.int64]) -> Floats:
    return np.where(ordinals < 0, ordinals ^ ALL_BUT_SIGN, ordinals).view(np.float64)
