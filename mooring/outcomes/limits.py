"""How much worse than its reference an unchanged model may look in a window, by chance.

In: the reference's days. Out: for each figure the largest loss that chance explains. The blocks are days,
not rows: rows of a day share its weather, and a day's Brier score varies 21 to 68 times as much as that
of as many unrelated rows.
"""

import math
from collections.abc import Mapping

import numpy as np

from mooring.config.metric import HIGHER_IS_BETTER, Task
from mooring.drift.draws import consecutive_draws
from mooring.metrics.bootstrap import MAX_UNDEFINED_FRAC
from mooring.metrics.max_t import fit_null
from mooring.metrics.weighted import Floats
from mooring.outcomes.figures import Columns, Figures, figures

JUDGED: dict[Task, tuple[str, ...]] = {
    "classification": ("roc_auc_within_days", "log_loss", "brier", "bias"),
    "regression": ("mae", "rmse", "bias"),
}
"""The figures that have a level; the others only describe."""
LEAST_SPREAD = 1e-12


def losses(task: Task, current: Mapping[str, Floats], reference: Mapping[str, Floats]) -> Figures:
    """Return how much worse the judged figures are than the reference's, (...,) each.

    For the bias, which may err to both sides, it is the distance.
    """
    by_name = {}
    for name in JUDGED[task]:
        rise = current[name] - reference[name]
        by_name[name] = -rise if falls(name) else np.abs(rise) if name == "bias" else rise
    return by_name


def falls(name: str) -> bool:
    """Return whether a figure is worse when it is lower."""
    return name.removesuffix("_within_days") in HIGHER_IS_BETTER


def limits_of(
    reference: Columns, n_days: int, *, alpha: float, n_draws: int, seed: int
) -> dict[str, float | None]:
    """Return the limit of each judged figure for windows of `n_days`; None where it is undefined.

    All figures of a window that is like the reference stay within them with a joint probability of
    about 1 - alpha. Two kinds of window are cut from the reference and compared with its other days:
    `n_draws` of random days, and all runs of days, which keep what neighbours share; the limit is
    the larger. Each is set by the largest of the standardised losses, so that figures that move together
    cost no power.
    """
    random = np.random.default_rng(seed)
    ranks = random.permuted(np.tile(np.arange(reference.n_days), (n_draws, 1)), axis=1)
    kinds = (
        (ranks < n_days).astype(np.float64),
        consecutive_draws(reference.n_days, n_days).windows,
    )
    by_kind = [_limits(reference, windows, alpha) for windows in kinds]
    return {name: _larger(*(limits[name] for limits in by_kind)) for name in JUDGED[reference.task]}


def _larger(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)


def _limits(reference: Columns, windows: Floats, alpha: float) -> dict[str, float | None]:
    """Return the limits by one kind of window; `windows` (n_draws, n_days) is 1 for its days."""
    task = reference.task
    inside, outside = (figures(task, reference.summed(days)) for days in (windows, 1 - windows))
    lost = losses(task, inside, outside)
    drawn = [name for name, loss in lost.items() if np.isnan(loss).mean() <= MAX_UNDEFINED_FRAC]
    if not drawn:
        return dict.fromkeys(JUDGED[task])
    null = fit_null(np.stack([lost[name] for name in drawn], axis=1), alpha, LEAST_SPREAD)
    limits = (null.medians + null.threshold * null.scales).tolist()
    finite = dict(
        zip(drawn, (limit if math.isfinite(limit) else None for limit in limits), strict=True)
    )
    return dict.fromkeys(JUDGED[task]) | finite
