"""Weighted metrics for the bootstrap, in plain numpy and exact with ties.

In: target, scores, and the unit (a row or a block of rows) of each row. Out: a Statistic, prepared
once, that maps how often each unit was drawn to the value of the metric.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mooring.config.metric import Metric
from mooring.errors import ModelError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BINARY = frozenset({"roc_auc", "average_precision", "log_loss", "brier"})
EPS = float(np.finfo(np.float64).eps)
MAX_MATRIX_UNITS = 400


class Statistic(Protocol):
    """One metric of one model on fixed rows."""

    def at(self, counts: Ints) -> float:
        """Return the metric when unit u is counted counts[u] times; NaN if it is undefined."""
        ...


def statistic(metric: Metric, target: Floats, scores: Floats, units: Ints) -> Statistic:
    """Prepare `metric`; `units` holds each row's unit, numbered from 0 without gaps."""
    n_units = int(units.max(initial=-1)) + 1
    if metric == "roc_auc":
        form = PairMatrix if n_units <= MAX_MATRIX_UNITS else RankedPairs
        return form(target, scores, units)
    if metric == "average_precision":
        return RankedPrecision(target, scores, units)
    columns, finish = _SUMS[metric]
    return Sums(columns(target, scores), finish, units)


def checked(target: Floats, *scores: Floats, binary: bool) -> None:
    """Raise ModelError unless all are finite, of one length, and the target 0 or 1 if `binary`."""
    for values in scores:
        if values.shape != target.shape or target.ndim != 1:
            raise ModelError(
                "target and scores differ in shape",
                expected=f"one score for each of {target.shape} targets",
                got=str(values.shape),
            )
    for name, values in (("target", target), *(("scores", each) for each in scores)):
        bad = int(np.count_nonzero(~np.isfinite(values)))
        if bad:
            raise ModelError(
                f"{name} not finite", expected="finite numbers", got=f"{bad} NaN or infinite values"
            )
    if binary and not np.isin(target, (0.0, 1.0)).all():
        odd = target[~np.isin(target, (0.0, 1.0))][0]
        raise ModelError("target is not binary", expected="0 or 1", got=f"{odd:g}")


class Sums:
    """A metric that is a function of column sums over rows: the mean losses and R²."""

    def __init__(self, columns: Floats, finish: Callable[[Floats], float], units: Ints) -> None:
        """Add up columns (k, n) by unit."""
        self._columns = np.stack([np.bincount(units, weights=column) for column in columns])
        self._finish = finish

    def at(self, counts: Ints) -> float:
        """Return the metric; see Statistic."""
        return self._finish((self._columns * counts).sum(axis=1))


class _Ranked:
    """The rows of a binary target, negatives in ascending order of score."""

    def __init__(self, target: Floats, scores: Floats, units: Ints) -> None:
        positive = target == 1
        order = np.argsort(scores[~positive], kind="stable")
        self._ranked = scores[~positive][order]
        self._negatives = units[~positive][order]
        self._scores = scores[positive]
        self._positives = units[positive]

    def _below(self, counts: Ints) -> Ints:
        """Return (n_negatives + 1,): the weight of the negatives before each rank."""
        below = np.zeros(len(self._negatives) + 1, dtype=np.int64)
        np.cumsum(counts.take(self._negatives), out=below[1:])
        return below


class RankedPairs(_Ranked):
    """ROC AUC as the share of correctly ordered pairs, ties counting half (Mann-Whitney)."""

    def __init__(self, target: Floats, scores: Floats, units: Ints) -> None:
        super().__init__(target, scores, units)
        self._low = np.searchsorted(self._ranked, self._scores, side="left")
        self._high = np.searchsorted(self._ranked, self._scores, side="right")
        self._tied = not np.array_equal(self._low, self._high)

    def at(self, counts: Ints) -> float:
        """Return the metric; see Statistic. Integers throughout, so exact up to one division."""
        below = self._below(counts)
        wins = below.take(self._low)
        wins += below.take(self._high) if self._tied else wins
        positives = counts.take(self._positives)
        pairs = 2 * int(positives.sum()) * int(below[-1])
        return int(positives @ wins) / pairs if pairs else np.nan


class PairMatrix(_Ranked):
    """ROC AUC from one table of pair counts between units, which makes each resample cheap.

    AUC = c'Mc / c'Tc, where M counts ordered pairs (twice, so that ties are whole) and T all pairs.
    The entries are whole numbers below 2**53, so float64 holds them exactly.
    """

    def __init__(self, target: Floats, scores: Floats, units: Ints) -> None:
        super().__init__(target, scores, units)
        n_units = int(units.max(initial=-1)) + 1
        order = np.argsort(self._scores, kind="stable")
        scores, positives = self._scores[order], self._positives[order]
        self._wins = np.zeros((n_units, n_units))
        for unit in range(n_units):
            ranked = self._ranked[self._negatives == unit]
            wins = ranked.searchsorted(scores, "left") + ranked.searchsorted(scores, "right")
            self._wins[:, unit] = np.bincount(positives, weights=wins, minlength=n_units)
        self._n_positives = np.bincount(self._positives, minlength=n_units)
        self._n_negatives = np.bincount(self._negatives, minlength=n_units)

    def at(self, counts: Ints) -> float:
        """Return the metric; see Statistic."""
        pairs = 2 * int(counts @ self._n_positives) * int(counts @ self._n_negatives)
        return float(counts @ self._wins @ counts) / pairs if pairs else np.nan


class RankedPrecision(_Ranked):
    """Average precision: precision at each distinct score, weighted by the recall that it adds."""

    def __init__(self, target: Floats, scores: Floats, units: Ints) -> None:
        super().__init__(target, scores, units)
        order = np.argsort(-self._scores, kind="stable")
        falling = self._scores[order]
        self._positives = self._positives[order]
        self._ends = np.flatnonzero(np.diff(falling, append=-np.inf))
        self._rank = np.searchsorted(self._ranked, falling[self._ends], side="left")

    def at(self, counts: Ints) -> float:
        """Return the metric; see Statistic."""
        below = self._below(counts)
        true = np.cumsum(counts.take(self._positives)).take(self._ends)
        if not below[-1] or not len(true) or not true[-1]:
            return np.nan
        flagged = true + (below[-1] - below.take(self._rank))
        gained = np.diff(true, prepend=0)
        return float((gained * (true / np.maximum(flagged, 1))).sum() / true[-1])


def _log_loss(target: Floats, scores: Floats) -> Floats:
    clipped = np.clip(scores, EPS, 1 - EPS)
    return -np.log(np.where(target == 1, clipped, 1 - clipped))


def _squared(target: Floats, scores: Floats) -> Floats:
    return (target - scores) ** 2


def _losses(loss: Callable[[Floats, Floats], Floats]) -> Callable[[Floats, Floats], Floats]:
    return lambda target, scores: np.stack([np.ones_like(target), loss(target, scores)])


def _deviations(target: Floats, scores: Floats) -> Floats:
    centred = target - (target.mean() if len(target) else 0.0)
    return np.stack([np.ones_like(target), _squared(target, scores), centred, centred**2])


def _mean(sums: Floats) -> float:
    return float(sums[1] / sums[0]) if sums[0] else np.nan


def _root_mean(sums: Floats) -> float:
    return float(np.sqrt(_mean(sums)))


def _r2(sums: Floats) -> float:
    n, squared_error, deviation, squared_deviation = sums
    spread = squared_deviation - deviation**2 / n if n else 0.0
    # A constant target leaves only rounding errors.
    return float(1 - squared_error / spread) if spread > 1e-12 * squared_deviation else np.nan


_SUMS: dict[str, tuple[Callable[[Floats, Floats], Floats], Callable[[Floats], float]]] = {
    "log_loss": (_losses(_log_loss), _mean),
    "brier": (_losses(_squared), _mean),
    "mae": (_losses(lambda target, scores: np.abs(target - scores)), _mean),
    "rmse": (_losses(_squared), _root_mean),
    "r2": (_deviations, _r2),
}
