"""Judge a model in service by the labels that arrived: its figures, their uncertainty, and its level.

In: the reference's outcomes and a window's. Out: a `Judgement`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mooring.config.outcomes import Outcomes
from mooring.drift.levels import Cause, Level, Unchecked
from mooring.errors import DataError
from mooring.metrics.bootstrap import interval, resamples
from mooring.metrics.weighted import Floats
from mooring.outcomes.figures import Columns, columns, figures, spread
from mooring.outcomes.limits import JUDGED, limits_of, losses
from mooring.outcomes.tables import Tables


@dataclass(frozen=True)
class Figure:
    """One figure of a window; None where it is undefined."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    """The upper end of the bootstrap interval over days."""
    reference: float | None
    loss: float | None
    """How much worse than the reference; None too if the figure has no level."""
    limit: float | None
    """The largest loss that chance explains."""
    effect: float | None
    """The loss in units of the skill, the mean loss or the target's spread; see conf/outcomes."""
    level: Level | None
    """`watch` if it is worse, `quiet` if it is not shown to be; None if the window's level does not depend
    on it."""


@dataclass(frozen=True)
class Judgement:
    """The judgement of one window."""

    level: Level
    """`watch` if a figure is worse: one window confirms nothing."""
    reason: str
    unchecked: tuple[Unchecked, ...]
    """Figures that could not be judged."""
    predictions: int
    """Those old enough to have a label."""
    labelled: int
    coverage: float | None
    """labelled / predictions."""
    figures: tuple[Figure, ...]


class Judge:
    """Compares windows with one reference, and draws the limits once for each size of window."""

    def __init__(self, reference: Tables, settings: Outcomes, seed: int) -> None:
        self._reference, self._usual = reference, columns(reference)
        self._settings, self._seed = settings, seed
        self._limits: dict[int, dict[str, float | None]] = {}

    def of(self, window: Tables) -> Judgement:
        """Compare a window's outcomes with the reference's. Raises DataError if their bins differ."""
        if (self._reference.task, self._reference.edges) != (window.task, window.edges):
            raise DataError(
                "the window's outcomes are not counted in the reference's bins",
                fix="make the window's tables with the edges of the reference",
            )
        usual, current, settings = self._usual, columns(window), self._settings
        predictions = sum(table.predictions for table in window.days.values())
        labelled = sum(table.rows for table in window.days.values())
        coverage = labelled / predictions if predictions else None
        n_blocks = _comparable_blocks(usual, current)
        problem = _problem(labelled, coverage, usual.n_days, n_blocks, settings)
        limits = {} if problem else self._limits_of(n_blocks)
        compared = _figures(usual, current, limits, settings, self._seed)
        unchecked = _unchecked(compared, problem, JUDGED[window.task])
        level, reason = _level(compared, unchecked)
        return Judgement(
            level=level,
            reason=reason,
            unchecked=unchecked,
            predictions=predictions,
            labelled=labelled,
            coverage=coverage,
            figures=compared,
        )

    def _limits_of(self, n_blocks: int) -> dict[str, float | None]:
        if n_blocks not in self._limits:
            alpha, n_draws = self._settings.alpha, self._settings.n_draws
            drawn = limits_of(self._usual, n_blocks, alpha=alpha, n_draws=n_draws, seed=self._seed)
            self._limits[n_blocks] = drawn
        return self._limits[n_blocks]


def judge(reference: Tables, window: Tables, settings: Outcomes, seed: int) -> Judgement:
    """Compare one window's outcomes with the reference's. Raises DataError if their bins differ."""
    return Judge(reference, settings, seed).of(window)


def _comparable_blocks(usual: Columns, current: Columns) -> int:
    """Return how many blocks of the reference are as uncertain as the window: at most its days, and
    fewer if these hold fewer rows."""
    rows, blocks = usual.days["rows"].sum(), usual.n_days
    if not rows:
        return current.n_days
    full = round(float(current.days["rows"].sum() * blocks / rows))
    return min(current.n_days, max(full, 1))


def _problem(
    labelled: int, coverage: float | None, reference_days: int, n_blocks: int, settings: Outcomes
) -> tuple[Cause, str] | None:
    """Return why nothing can be judged, None if it can."""
    if coverage is None:
        return "too_few_labels", "No prediction is old enough to have a label."
    if coverage < settings.min_coverage:
        least = f"{settings.min_coverage:.1%}"
        return (
            "too_few_labels",
            f"{coverage:.1%} of the predictions have a label, fewer than {least}.",
        )
    if labelled < settings.min_rows:
        return "too_few_labels", f"{labelled} labelled rows, fewer than {settings.min_rows}."
    needed = max(2 * n_blocks, n_blocks - 1 + math.ceil(1 / settings.alpha))
    if reference_days < needed:
        few = f"The reference has {reference_days} blocks, fewer than the {needed} needed."
        return "reference_too_small", few
    return None


def _figures(
    usual: Columns,
    current: Columns,
    limits: Mapping[str, float | None],
    settings: Outcomes,
    seed: int,
) -> tuple[Figure, ...]:
    """Return every figure; those without a level have no limit."""
    task = usual.task
    whole = usual.summed(np.ones(usual.n_days))
    before = figures(task, whole)
    now = figures(task, current.summed(np.ones(current.n_days)))
    drawn = list(resamples(current.n_days, settings.n_resamples, seed))
    weights = np.array(drawn, dtype=np.float64).reshape(len(drawn), current.n_days)
    draws = figures(task, current.summed(weights))
    lost, units = losses(task, now, before), _units(task, before, float(spread(task, whole)))
    compared = []
    for name, value in now.items():
        loss, limit = _defined(lost.get(name)), limits.get(name)
        effect = loss / units[name] if loss is not None and units[name] > 0 else None
        level = None
        if name in lost:
            level = _level_of_figure(loss, limit, effect, settings.min_effect)
        low, high = interval(draws[name], current.n_days, settings.confidence)
        bounds = _defined(value), low, high, _defined(before[name])
        compared.append(Figure(name, *bounds, loss, limit, effect, level))
    return tuple(compared)


def _units(task: str, before: dict[str, Floats], target_spread: float) -> dict[str, float]:
    """Return the unit of each figure's effect, from the reference's figures."""
    units = {name: float(value) for name, value in before.items()}
    if task == "classification":
        units |= {name: units[name] - 0.5 for name in ("roc_auc", "roc_auc_within_days")}
    return units | {"bias": target_spread}


def _level_of_figure(
    loss: float | None, limit: float | None, effect: float | None, min_effect: float
) -> Level:
    if loss is None or limit is None or effect is None:
        return "cannot_tell"
    return "watch" if loss > limit and effect >= min_effect else "quiet"


def _unchecked(
    compared: tuple[Figure, ...], problem: tuple[Cause, str] | None, judged: tuple[str, ...]
) -> tuple[Unchecked, ...]:
    if problem:
        cause, reason = problem
        return (Unchecked(cause, judged, reason),)
    names = tuple(figure.name for figure in compared if figure.level == "cannot_tell")
    return (Unchecked("undefined", names, f"Undefined: {', '.join(names)}."),) if names else ()


def _level(compared: tuple[Figure, ...], unchecked: tuple[Unchecked, ...]) -> tuple[Level, str]:
    worse = [figure.name for figure in compared if figure.level == "watch"]
    if worse:
        return "watch", f"Worse than chance explains, and by enough to matter: {', '.join(worse)}."
    if unchecked:
        return "cannot_tell", unchecked[0].reason
    return "quiet", "No figure is worse by more than chance explains and by enough to matter."


def _defined(value: Any) -> float | None:
    return float(value) + 0.0 if value is not None and math.isfinite(value) else None  # no -0.0
