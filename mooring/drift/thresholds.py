"""Set thresholds from the reference: how far its own windows are from the rest when nothing has changed.

In: the reference's days and conf/drift. Out: a Calibration, the same for the same seed, from which
any number of current windows are judged.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mooring.config.drift import Drift
from mooring.drift.days import Cells, Days
from mooring.drift.draws import Draws, consecutive_draws, random_draws, thinned
from mooring.drift.measures import Measure, rows_of, shape_measures, shapes
from mooring.drift.windows import windows_of
from mooring.metrics.max_t import Null, fit_null, least_draws
from mooring.profiles.segments import segment_of
from mooring.profiles.values import SCORE

LEAST_SCALE = 1e-3
"""The smallest scale: a measure that hardly varies in the reference must not alarm on a few rows."""
MIN_VALUES_FRAC = 0.5
"""A column is judged if at least this fraction of min_rows has a value."""


@dataclass(frozen=True)
class Size:
    """Nulls of windows of one size: fewer rows vary more."""

    rows: int
    nulls: tuple[Null, ...]
    """One of random days, one of consecutive ones: an alarm exceeds both."""


@dataclass(frozen=True)
class Signal:
    """A family of measures that is judged as one."""

    measures: tuple[Measure, ...]
    alpha: float
    """The probability of an alarm in a window where nothing has changed."""
    sizes: tuple[Size, ...]
    """By rows, the largest first; a window is judged by the first that has no more rows than it."""


@dataclass(frozen=True)
class Calibration:
    """A reference and the thresholds that its own windows set."""

    days: Days
    total: Cells
    """(1, n_cells): the sum of its days."""
    signals: Mapping[str, Signal]
    """`distribution`, `score` where the reference has scores, and `segments` where it has any; empty
    if the reference is too small."""
    cannot_tell: str | None
    """Why no window can be judged by this reference."""


def calibrate(reference: Days, drift: Drift, seed: int) -> Calibration:
    """Return the thresholds that the reference's own windows set.

    Its signals share drift.alpha equally, so that a window where nothing has changed alarms with at
    most about that probability. With too few days or rows, `cannot_tell` says why.
    """
    total = reference.cells.sum(axis=0, keepdims=True)
    families = _families(reference)
    alpha = drift.alpha / max(len(families), 1)
    reason = _too_little(reference, drift, alpha)
    if reason is not None:
        return Calibration(reference, total, {}, reason)
    n_days, window_days = len(reference.names), drift.window_days
    kinds = (
        random_draws(n_days, window_days, drift.n_draws, seed),
        consecutive_draws(n_days, window_days),
    )
    measures = [measure for family in families.values() for measure in family]
    figures = [list(_figures(reference, measures, draws, drift, seed)) for draws in kinds]
    sizes = window_sizes(_usual_rows(reference, drift), drift.min_rows)
    signals, first = {}, 0
    for name, family in families.items():
        columns = slice(first, first + len(family))
        nulls = [
            tuple(fit_null(kind[size][:, columns], alpha, LEAST_SCALE) for kind in figures)
            for size in range(len(sizes))
        ]
        signals[name] = Signal(family, alpha, tuple(map(Size, sizes, nulls)))
        first = columns.stop
    return Calibration(reference, total, signals, None)


def _families(reference: Days) -> dict[str, tuple[Measure, ...]]:
    whole = [column for column in reference.bins if not segment_of(column)[0]]
    families = {
        "distribution": shape_measures(reference, [column for column in whole if column != SCORE]),
        "score": shape_measures(reference, [column for column in whole if column == SCORE]),
        "segments": shape_measures(
            reference, [column for column in reference.bins if column not in whole]
        ),
    }
    return {name: measures for name, measures in families.items() if measures}


def _too_little(reference: Days, drift: Drift, alpha: float) -> str | None:
    n_days = len(reference.names)
    least = max(2 * drift.window_days, drift.window_days - 1 + least_draws(alpha))
    if n_days < least:
        return f"The reference has {n_days} days, fewer than the {least} needed to set thresholds."
    if drift.n_draws < least_draws(alpha):
        return f"{drift.n_draws} draws are fewer than the {least_draws(alpha)} that alpha needs."
    usual = _usual_rows(reference, drift)
    if usual < drift.min_rows:
        return f"The reference's windows have {usual} rows, fewer than the {drift.min_rows} needed."
    return None


def _usual_rows(reference: Days, drift: Drift) -> int:
    """Return the rows that all but the fraction alpha of the reference's windows have at least."""
    rows = np.sort(windows_of(reference, drift.window_days).rows)
    return int(rows[math.floor(drift.alpha * len(rows))]) if len(rows) else 0


def window_sizes(usual: int, least: int) -> tuple[int, ...]:
    """Return sizes that fall from `usual` to `least`, each at most sqrt(2) times the next."""
    steps = math.ceil(2 * math.log2(usual / least)) if usual > least else 0
    sizes = [usual * (least / usual) ** (step / steps) for step in range(1, steps)] if steps else []
    return tuple(dict.fromkeys([usual, *(round(size) for size in sizes), least]))


def _figures(
    reference: Days, measures: Sequence[Measure], draws: Draws, drift: Drift, seed: int
) -> Iterator[Cells]:
    """Yield the figures, (n_draws, n_measures), of windows of each size."""
    windows, others = draws.windows @ reference.cells, draws.others @ reference.cells
    rows = rows_of(reference, windows)
    min_values = MIN_VALUES_FRAC * drift.min_rows
    for number, size in enumerate(window_sizes(_usual_rows(reference, drift), drift.min_rows)):
        sample = thinned(windows, rows, size, seed + number) if number else windows
        yield shapes(reference, measures, sample, others, min_values)
