"""Data problems, day by day: unseen categories, nulls, infinities, absent columns, volume.

In: the reference's days and the current ones. Out: a DataQuality, which opens an alert and never a
retraining. A day is compared with the worst day of the reference, not with a usual one: such
problems are rare and large.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mooring.config.drift import Drift, Quality
from mooring.drift.days import Cells, Days, check_bins
from mooring.drift.draws import thinned
from mooring.drift.levels import (
    OF_THE_REFERENCE,
    TOO_MANY_CATEGORIES,
    Level,
    Unchecked,
    worst,
)
from mooring.drift.looks import Flags, confirmed, size_numbers
from mooring.drift.measures import Measure, flaw_measures, flaws, rows_of
from mooring.drift.thresholds import window_sizes
from mooring.metrics.max_t import least_draws, rank_of
from mooring.metrics.weighted import Floats


@dataclass(frozen=True)
class WorstDay:
    """The worst figures of the reference's days of one size."""

    rows: int
    worst: Floats
    """(n_measures,): the largest figure of any day, or the limit of conf/drift if it is larger."""
    threshold: float
    """The threshold of a day's largest ratio of a figure to the worst: the fraction alpha of the
    reference's days exceeds it when each is compared with the others; at least 1."""


@dataclass(frozen=True)
class QualityCalibration:
    """A reference's days and their worst figures."""

    days: Days
    usual: Cells
    """(1, n_cells): the mean of the days."""
    measures: tuple[Measure, ...]
    sizes: tuple[WorstDay, ...]
    """By rows, the largest first; empty if the reference is too small."""
    cannot_tell: str | None


@dataclass(frozen=True)
class Flaw:
    """One data problem; its column is '' for the volume."""

    measure: Measure
    day: str
    """The last day that had it."""
    share: float
    """The share of the day's rows beyond the reference; for volume see mooring.drift.measures.flaws."""
    worst: float
    """The worst of the reference's days, or the limit."""
    confirmed: bool


@dataclass(frozen=True)
class DataQuality:
    """The judgement of the newest day: `watch` with an alarm, `alarm` with a confirmed one."""

    level: Level
    unchecked: tuple[Unchecked, ...]
    """Checks that were not made of the newest day."""
    day: str | None
    rows: int
    flaws: tuple[Flaw, ...]
    """Alarms of the day, and confirmed ones of earlier days, the largest ratio first."""
    names: tuple[str, ...]
    measures: tuple[Measure, ...]
    figures: Floats
    """(n_days, n_measures); NaN where a day has too few rows."""
    alarms: Flags
    """(n_days, n_measures)"""


def calibrate_quality(reference: Days, drift: Drift, seed: int) -> QualityCalibration:
    """Return the worst figures of the reference's own days, or why there are too few of them."""
    measures, n_days = flaw_measures(reference), len(reference.names)
    usual = reference.cells.sum(axis=0, keepdims=True) / max(n_days, 1)
    if n_days < least_draws(drift.alpha):
        reason = (
            f"The reference has {n_days} days, fewer than the {least_draws(drift.alpha)} needed."
        )
        return QualityCalibration(reference, usual, measures, (), reason)
    rows = rows_of(reference, reference.cells)
    limits = np.array([_limit(measure, drift.quality) for measure in measures])
    figures = flaws(reference, measures, reference.cells, usual)
    sizes = []
    for number, size in enumerate(window_sizes(int(np.median(rows)), _least_rows(drift))):
        if number:
            sample = thinned(reference.cells, rows, size, seed + number)
            figures = _with_volume(measures, flaws(reference, measures, sample, usual), figures)
        sizes.append(_worst_day(size, figures, limits, drift.alpha))
    return QualityCalibration(reference, usual, measures, tuple(sizes), None)


def _least_rows(drift: Drift) -> int:
    return max(drift.min_rows // drift.window_days, 1)


def _limit(measure: Measure, quality: Quality) -> float:
    if not measure.column:
        return quality.volume_frac
    limits = {
        "unseen": quality.unseen_frac,
        "null": quality.null_frac,
        "filled": quality.null_frac,
        "inf": quality.inf_frac,
        "absent": quality.absent_frac,
    }
    return limits[measure.kind]


def _with_volume(measures: Sequence[Measure], figures: Floats, unthinned: Floats) -> Floats:
    """Return the figures, with those of volume as they were before thinning."""
    volume = np.array([not measure.column for measure in measures])
    return np.where(volume, unthinned, figures)


def _worst_day(rows: int, figures: Floats, limits: Floats, alpha: float) -> WorstDay:
    figures = np.nan_to_num(figures)  # a check that is never made has no worst day
    ascending = np.sort(figures, axis=0)
    worst, second = ascending[-1], ascending[-2]
    others = np.where(figures == worst, second, worst)
    ratios = np.sort((figures / np.maximum(others, limits)).max(axis=1))
    threshold = max(float(ratios[rank_of(len(ratios), alpha)]), 1.0)
    return WorstDay(rows, np.maximum(worst, limits), threshold)


def judge_quality(calibration: QualityCalibration, current: Days, drift: Drift) -> DataQuality:
    """Return the judgement of the last of the current days.

    `current` should hold persistence.looks days. Raises DataError if it was counted in other bins.
    """
    check_bins(calibration.days, current)
    figures, limits, alarms = _looks(calibration, current, drift)
    lasting = confirmed(alarms, drift.persistence, 1)
    rows = rows_of(current, current.cells)
    shown: tuple[Flaw, ...] = ()
    if calibration.sizes and current.names:
        shown = tuple(_flaws(calibration.measures, current.names, figures, limits, alarms, lasting))
    unchecked = _unchecked(calibration, current, figures, drift)
    levels: list[Level] = ["alarm" if flaw.confirmed else "watch" for flaw in shown]
    return DataQuality(
        level=worst([*levels, _level_of_rest(unchecked)]),
        unchecked=unchecked,
        day=current.names[-1] if current.names else None,
        rows=int(rows[-1]) if len(rows) else 0,
        flaws=shown,
        names=current.names,
        measures=calibration.measures,
        figures=figures,
        alarms=alarms,
    )


def _level_of_rest(unchecked: Sequence[Unchecked]) -> Level:
    """Return the level of a day without alarms: a check that can never be made does not count."""
    return "quiet" if all(each.cause in OF_THE_REFERENCE for each in unchecked) else "cannot_tell"


def _unchecked(
    calibration: QualityCalibration, current: Days, figures: Floats, drift: Drift
) -> tuple[Unchecked, ...]:
    """Return the checks that were not made of the newest day."""
    names = tuple(map(str, calibration.measures))
    if calibration.cannot_tell:
        return (Unchecked("reference_too_small", names, calibration.cannot_tell),)
    if not current.names:
        return (Unchecked("too_few_days", names, "There are no days."),)
    rows, least = int(rows_of(current, current.cells)[-1]), _least_rows(drift)
    unknown = np.isnan(figures[-1])
    missing = tuple(name for name, is_unknown in zip(names, unknown, strict=True) if is_unknown)
    if rows < least:
        reason = f"{rows} rows on {current.names[-1]}, fewer than the {least} needed."
        return (Unchecked("too_few_rows", missing, reason),)
    if missing:
        return (Unchecked("reference_has_too_many_categories", missing, TOO_MANY_CATEGORIES),)
    return ()


def _looks(
    calibration: QualityCalibration, current: Days, drift: Drift
) -> tuple[Floats, Floats, Flags]:
    """Return the figures of each day, the worst that each is compared with, and the alarms."""
    rows = rows_of(current, current.cells)
    figures = flaws(current, calibration.measures, current.cells, calibration.usual)
    of_column = np.array([bool(measure.column) for measure in calibration.measures])
    figures[np.outer(rows < _least_rows(drift), of_column)] = np.nan
    if not calibration.sizes:
        return figures, np.full(figures.shape, np.nan), np.zeros(figures.shape, dtype=bool)
    sizes = [size.rows for size in calibration.sizes]
    size_of = np.minimum(size_numbers(sizes, rows), len(sizes) - 1)
    limits = np.stack([size.worst for size in calibration.sizes])[size_of]
    thresholds = np.array([size.threshold for size in calibration.sizes])[size_of]
    return figures, limits, figures / limits > thresholds[:, None]


def _flaws(
    measures: Sequence[Measure],
    days: Sequence[str],
    figures: Floats,
    limits: Floats,
    alarms: Flags,
    lasting: Flags,
) -> Iterator[Flaw]:
    """Yield the flaws of the last day and the lasting ones; arrays are (n_days, n_measures)."""
    ratios = np.nan_to_num(figures / limits)
    last = len(days) - 1 - alarms[::-1].argmax(axis=0)
    order = np.argsort(-ratios[last, np.arange(len(measures))], kind="stable")
    for index in order[alarms[-1, order] | lasting[-1, order]]:
        row = last[index]
        share = float(np.nan_to_num(figures[row, index]))
        limit, confirms = float(limits[row, index]), bool(lasting[-1, index])
        yield Flaw(measures[index], days[row], share, limit, confirms)
