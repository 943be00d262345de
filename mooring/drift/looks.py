"""Judge every window of some days, one ending on each, all at once.

In: a calibration and current days. Out: for each signal the figures of every window as arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mooring.config.drift import Drift, Persistence
from mooring.drift.measures import DECIMALS, Measure, shapes
from mooring.drift.thresholds import MIN_VALUES_FRAC, Calibration, Signal, Size
from mooring.drift.windows import Windows
from mooring.metrics.weighted import Floats

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Looks:
    """What a signal's measures say of every window. Arrays are (n_windows, n_measures).

    NaN where it cannot be told: too few rows, or too few with a value.
    """

    measures: tuple[Measure, ...]
    figures: Floats
    effects: Floats
    """By how much the figures exceed what is usual for so many rows: the median where nothing has
    changed."""
    standardised: Floats
    """The effects in scales of the measure, by the null that is closest to its threshold."""
    thresholds: Floats
    """(n_windows,) of that null, for each measure."""
    p_values: Floats
    """Corrected for the other measures of the signal, not for its effect."""
    alarms: Flags

    def by_column(self, flags: Flags) -> tuple[tuple[str, ...], Flags]:
        """Return the columns, and flags (n_windows, n_columns): whether any measure's is set."""
        columns = tuple(dict.fromkeys(measure.column for measure in self.measures))
        own = [[measure.column == column for measure in self.measures] for column in columns]
        return columns, np.stack([flags[:, of].any(axis=1) for of in own], axis=1)


def look(calibration: Calibration, signal: Signal, windows: Windows, drift: Drift) -> Looks:
    """Return what one signal says of every window."""
    n_windows, n_measures = len(windows.rows), len(signal.measures)
    arrays = {
        name: np.full((n_windows, n_measures), np.nan)
        for name in ("figures", "effects", "standardised", "thresholds", "p_values")
    }
    size_of = size_numbers([size.rows for size in signal.sizes], windows.rows)
    for number, size in enumerate(signal.sizes):
        of = size_of == number
        if of.any():
            figures = shapes(
                calibration.days,
                signal.measures,
                windows.cells[of],
                calibration.total,
                MIN_VALUES_FRAC * drift.min_rows,
            )
            for name, values in _judged(size, figures).items():
                arrays[name][of] = values
    alarms = (arrays["standardised"] > arrays["thresholds"]) & (
        arrays["effects"] >= _least_effects(signal.measures, windows, drift)
    )
    return Looks(measures=signal.measures, **arrays, alarms=alarms)


def _least_effects(measures: Sequence[Measure], windows: Windows, drift: Drift) -> Floats:
    """Return the least that is an alarm, (n_windows, n_measures).

    Of unseen categories their share, rounded down to whole rows: else one row of 504 would be less
    than 0.2%, and two are twice as many as the limit means.
    """
    of_unseen = np.array([measure.kind == "unseen" for measure in measures])
    rows = np.floor(drift.quality.unseen_frac * windows.rows)
    shares = np.round(rows / np.maximum(windows.rows, 1), DECIMALS)
    return np.where(of_unseen, shares[:, None], drift.informs_effect)


def size_numbers(sizes: Sequence[int], rows: Floats) -> NDArray[np.int64]:
    """Return the number of the first size, of falling ones, that has no more rows; else how many."""
    return np.searchsorted(-np.array(sizes), -rows, side="left")


def _judged(size: Size, figures: Floats) -> dict[str, Floats]:
    z = np.stack([null.standardised(figures) for null in size.nulls])
    thresholds = np.array([null.threshold for null in size.nulls])[:, None, None]
    closest = (z - thresholds).argmin(axis=0)[None]
    unknown = np.isnan(figures) | ~np.isfinite(size.nulls[0].scales)
    p_values = np.max(
        [null.p_values(each) for null, each in zip(size.nulls, z, strict=True)], axis=0
    )
    found = {
        "figures": figures,
        "effects": figures - np.max([null.medians for null in size.nulls], axis=0),
        "standardised": np.take_along_axis(z, closest, axis=0)[0],
        "thresholds": np.take_along_axis(np.broadcast_to(thresholds, z.shape), closest, axis=0)[0],
        "p_values": p_values,
    }
    return {name: np.where(unknown, np.nan, values) for name, values in found.items()}


def confirmed(alarms: Flags, persistence: Persistence, apart: int) -> Flags:
    """Return, for flags (n_looks, n), where enough of the last looks that lie `apart` have one."""
    seen = np.zeros(alarms.shape, dtype=np.int64)
    for shift in range(0, min(persistence.looks * apart, len(alarms)), apart):
        seen[shift:] += alarms[: len(alarms) - shift]
    return seen >= persistence.alarms
