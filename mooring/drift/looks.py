"""Judge every window of a run of days, one ending on each day, all at once.

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
    """A signal's measures of every window. Arrays are (n_windows, n_measures).

    NaN where unknown: too few rows, or too few with a value.
    """

    measures: tuple[Measure, ...]
    figures: Floats
    effects: Floats
    """How much the figures exceed the median of unchanged windows with as many rows."""
    standardised: Floats
    """The effects in units of the measure's scale, by the null that is closest to its threshold."""
    thresholds: Floats
    """The threshold of that null."""
    p_values: Floats
    """Corrected for the other measures of the signal; the effect does not count."""
    alarms: Flags

    def by_column(self, flags: Flags) -> tuple[tuple[str, ...], Flags]:
        """Return the columns, and flags (n_windows, n_columns): whether any of their measures is flagged."""
        columns = tuple(dict.fromkeys(measure.column for measure in self.measures))
        chosen = [[measure.column == column for measure in self.measures] for column in columns]
        return columns, np.stack([flags[:, of].any(axis=1) for of in chosen], axis=1)


def look(calibration: Calibration, signal: Signal, windows: Windows, drift: Drift) -> Looks:
    """Return one signal's measures of every window."""
    n_windows, n_measures = len(windows.rows), len(signal.measures)
    arrays = {
        name: np.full((n_windows, n_measures), np.nan)
        for name in ("figures", "effects", "standardised", "thresholds", "p_values")
    }
    size_of = size_numbers([size.rows for size in signal.sizes], windows.rows)
    for number, size in enumerate(signal.sizes):
        sized = size_of == number
        if sized.any():
            figures = shapes(
                calibration.days,
                signal.measures,
                windows.cells[sized],
                calibration.total,
                MIN_VALUES_FRAC * drift.min_rows,
            )
            for name, values in _judged(size, figures).items():
                arrays[name][sized] = values
    alarms = (arrays["standardised"] > arrays["thresholds"]) & (
        arrays["effects"] >= _least_effects(signal.measures, windows, drift)
    )
    return Looks(measures=signal.measures, **arrays, alarms=alarms)


def _least_effects(measures: Sequence[Measure], windows: Windows, drift: Drift) -> Floats:
    """Return the smallest effects that are alarms, (n_windows, n_measures).

    The limit of unseen categories is rounded down to whole rows: of 504 rows, one is less than a limit
    of 0.2%, and two are twice the limit.
    """
    of_unseen = np.array([measure.kind == "unseen" for measure in measures])
    rows = np.floor(drift.quality.unseen_frac * windows.rows)
    shares = np.round(rows / np.maximum(windows.rows, 1), DECIMALS)
    return np.where(of_unseen, shares[:, None], drift.informs_effect)


def size_numbers(sizes: Sequence[int], rows: Floats) -> NDArray[np.int64]:
    """Return the index of the first of the falling sizes with no more rows; else len(sizes)."""
    return np.searchsorted(-np.array(sizes), -rows, side="left")


def _judged(size: Size, figures: Floats) -> dict[str, Floats]:
    z = np.stack([null.standardised(figures) for null in size.nulls])
    thresholds = np.array([null.threshold for null in size.nulls])[:, None, None]
    closest = (z - thresholds).argmin(axis=0)[None]
    unknown = np.isnan(figures) | ~np.isfinite(size.nulls[0].scales)
    p_values = np.max(
        [null.p_values(of_null) for null, of_null in zip(size.nulls, z, strict=True)], axis=0
    )
    judged = {
        "figures": figures,
        "effects": figures - np.max([null.medians for null in size.nulls], axis=0),
        "standardised": np.take_along_axis(z, closest, axis=0)[0],
        "thresholds": np.take_along_axis(np.broadcast_to(thresholds, z.shape), closest, axis=0)[0],
        "p_values": p_values,
    }
    return {name: np.where(unknown, np.nan, values) for name, values in judged.items()}


def confirmed(alarms: Flags, persistence: Persistence, apart: int) -> Flags:
    """Return, for flags (n_looks, n), where enough of the last looks, `apart` days apart, are flagged."""
    n_alarms = np.zeros(alarms.shape, dtype=np.int64)
    for shift in range(0, min(persistence.looks * apart, len(alarms)), apart):
        n_alarms[shift:] += alarms[: len(alarms) - shift]
    return n_alarms >= persistence.alarms
