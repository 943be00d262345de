"""Judge a model in service by the labels that came: its figures, how sure they are, and the verdict.

In: the reference's outcomes and a window's. Out: a `Judgement`, whose `plain` is the JSON.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from mooring.config.outcomes import Outcomes
from mooring.errors import DataError
from mooring.metrics.bootstrap import interval, resamples
from mooring.metrics.weighted import Floats
from mooring.outcomes.figures import Columns, columns, figures, spread
from mooring.outcomes.limits import limits_of, losses
from mooring.outcomes.tables import Tables

Verdict = Literal["worse", "steady", "cannot_tell"]
"""`steady` is: not shown to be worse."""


@dataclass(frozen=True)
class Figure:
    """One figure of a window; None where it is undefined."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    """Of the bootstrap interval over days."""
    reference: float | None
    loss: float | None
    """How much worse than the reference; None too where no verdict hangs on the figure."""
    limit: float | None
    """The largest loss that chance explains."""
    effect: float | None
    """The loss in units of the skill, the mean loss or the target's spread; see conf/outcomes."""
    verdict: Verdict | None
    """None where no verdict hangs on the figure."""


@dataclass(frozen=True)
class Judgement:
    """What was found."""

    verdict: Verdict
    reason: str
    first_day: str | None
    last_day: str | None
    n_days: int
    """Days with a labelled row."""
    predictions: int
    labelled: int
    coverage: float | None
    """labelled / predictions."""
    reference_days: int
    figures: tuple[Figure, ...]

    def plain(self) -> dict[str, Any]:
        """Return the judgement as JSON values."""
        return asdict(self)


class Judge:
    """Compares windows with one reference, and draws the limits once for each size of window."""

    def __init__(self, reference: Tables, settings: Outcomes, seed: int) -> None:
        self._reference, self._known = reference, columns(reference)
        self._settings, self._seed = settings, seed
        self._limits: dict[int, dict[str, float | None]] = {}

    def of(self, window: Tables) -> Judgement:
        """Compare a window's outcomes with the reference's. Raises DataError if their bins differ."""
        if (self._reference.task, self._reference.edges) != (window.task, window.edges):
            raise DataError(
                "the window's outcomes are counted in other bins than the reference's",
                fix="make the window's tables with the edges of the reference",
            )
        known, current, settings = self._known, columns(window), self._settings
        predictions = sum(table.predictions for table in window.days.values())
        labelled = sum(table.rows for table in window.days.values())
        coverage = labelled / predictions if predictions else None
        n_blocks = _comparable_blocks(known, current)
        problem = _problem(labelled, coverage, known.n_days, n_blocks, settings)
        limits = {} if problem else self._limits_of(n_blocks)
        found = _figures(known, current, limits, settings, self._seed)
        verdict, reason = _verdict(found, problem)
        return Judgement(
            verdict=verdict,
            reason=reason,
            first_day=min(window.days, default=None),
            last_day=max(window.days, default=None),
            n_days=current.n_days,
            predictions=predictions,
            labelled=labelled,
            coverage=coverage,
            reference_days=known.n_days,
            figures=found,
        )

    def _limits_of(self, n_blocks: int) -> dict[str, float | None]:
        if n_blocks not in self._limits:
            alpha, n_draws = self._settings.alpha, self._settings.n_draws
            drawn = limits_of(self._known, n_blocks, alpha=alpha, n_draws=n_draws, seed=self._seed)
            self._limits[n_blocks] = drawn
        return self._limits[n_blocks]


def judge(reference: Tables, window: Tables, settings: Outcomes, seed: int) -> Judgement:
    """Compare one window's outcomes with the reference's. Raises DataError if their bins differ."""
    return Judge(reference, settings, seed).of(window)


def _comparable_blocks(known: Columns, current: Columns) -> int:
    """Return how many blocks of the reference are as uncertain as the window: at most its days, and
    fewer where these hold fewer rows."""
    rows, blocks = known.days["rows"].sum(), known.n_days
    if not rows:
        return current.n_days
    full = round(float(current.days["rows"].sum() * blocks / rows))
    return min(current.n_days, max(full, 1))


def _problem(
    labelled: int, coverage: float | None, known_days: int, n_blocks: int, settings: Outcomes
) -> str | None:
    """Return why there can be no verdict, None where there can."""
    if coverage is None:
        return "No prediction is old enough to have a label."
    if coverage < settings.min_coverage:
        return f"{coverage:.1%} of the predictions have a label, fewer than {settings.min_coverage:.1%}."
    if labelled < settings.min_rows:
        return f"{labelled} labelled rows, fewer than {settings.min_rows}."
    needed = max(2 * n_blocks, n_blocks - 1 + math.ceil(1 / settings.alpha))
    if known_days < needed:
        return f"The reference has {known_days} blocks, fewer than the {needed} that limits are drawn from."
    return None


def _figures(
    known: Columns,
    current: Columns,
    limits: Mapping[str, float | None],
    settings: Outcomes,
    seed: int,
) -> tuple[Figure, ...]:
    """Return every figure; those of no verdict have no limit."""
    task = known.task
    whole = known.summed(np.ones(known.n_days))
    before = figures(task, whole)
    now = figures(task, current.summed(np.ones(current.n_days)))
    drawn = list(resamples(current.n_days, settings.n_resamples, seed))
    weights = np.array(drawn, dtype=np.float64).reshape(len(drawn), current.n_days)
    draws = figures(task, current.summed(weights))
    lost, units = losses(task, now, before), _units(task, before, float(spread(task, whole)))
    found = []
    for name, value in now.items():
        loss, limit = _defined(lost.get(name)), limits.get(name)
        effect = loss / units[name] if loss is not None and units[name] > 0 else None
        verdict = None
        if name in lost:
            verdict = _of_figure(loss, limit, effect, settings.min_effect)
        low, high = interval(draws[name], current.n_days, settings.confidence)
        bounds = _defined(value), low, high, _defined(before[name])
        found.append(Figure(name, *bounds, loss, limit, effect, verdict))
    return tuple(found)


def _units(task: str, before: dict[str, Floats], target_spread: float) -> dict[str, float]:
    """Return what one whole effect of each figure is, from the reference's figures."""
    units = {name: float(value) for name, value in before.items()}
    if task == "classification":
        units |= {name: units[name] - 0.5 for name in ("roc_auc", "roc_auc_within_days")}
    return units | {"bias": target_spread}


def _of_figure(
    loss: float | None, limit: float | None, effect: float | None, min_effect: float
) -> Verdict:
    if loss is None or limit is None or effect is None:
        return "cannot_tell"
    return "worse" if loss > limit and effect >= min_effect else "steady"


def _verdict(found: tuple[Figure, ...], problem: str | None) -> tuple[Verdict, str]:
    if problem:
        return "cannot_tell", problem
    worse = [figure.name for figure in found if figure.verdict == "worse"]
    if worse:
        return "worse", f"Worse than chance explains, and by enough to matter: {', '.join(worse)}."
    open_ones = [figure.name for figure in found if figure.verdict == "cannot_tell"]
    if open_ones:
        return "cannot_tell", f"Undefined: {', '.join(open_ones)}."
    return "steady", "No figure is worse by more than chance explains and by enough to matter."


def _defined(value: Any) -> float | None:
    return float(value) + 0.0 if value is not None and math.isfinite(value) else None  # no -0.0
