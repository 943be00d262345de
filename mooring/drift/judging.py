"""Whether the newest window differs from the reference, in which columns, and which way.

In: a calibration and the current days, whose earlier windows confirm. Out: a DataDrift. Nothing is
read or written, so the same counts always give the same judgement.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mooring.config.drift import Drift
from mooring.drift.days import Days, check_bins
from mooring.drift.looks import Looks, confirmed, look
from mooring.drift.measures import Measure
from mooring.drift.shifts import Shift, shift_of
from mooring.drift.thresholds import Calibration
from mooring.drift.windows import Windows, windows_of

Outcome = Literal["cannot_tell", "no_drift", "drift", "confirmed_drift"]


@dataclass(frozen=True)
class Finding:
    """One measure of the newest window; None where it cannot be told."""

    measure: Measure
    figure: float | None
    effect: float | None
    """By how much the figure exceeds what is usual."""
    standardised: float | None
    threshold: float | None
    """Of `standardised`."""
    p_value: float | None
    alarm: bool


@dataclass(frozen=True)
class ColumnDrift:
    """One column of the newest window."""

    column: str
    signal: str
    outcome: Outcome
    effect: float
    """The largest of its measures; 0 where none can be told."""
    retrains: bool
    """Whether a confirmed difference is large enough to propose retraining."""
    findings: tuple[Finding, ...]
    shift: Shift
    """Which way, whether or not it is an alarm."""


@dataclass(frozen=True)
class DataDrift:
    """What can be told of the newest window."""

    outcome: Outcome
    reason: str
    """Why nothing can be told; '' otherwise."""
    window: tuple[str, str] | None
    """The first and the last day; None where there are fewer days than a window has."""
    rows: int
    retrains: bool
    columns: tuple[ColumnDrift, ...]
    """By falling effect."""
    windows: Windows
    looks: Mapping[str, Looks]
    """By signal, every window up to the newest."""


def judge(calibration: Calibration, current: Days, drift: Drift) -> DataDrift:
    """Return the judgement of the last window of the current days.

    A column's alarm is confirmed by earlier windows that share no day with each other, so `current`
    should hold persistence.looks windows. Raises DataError when it is counted by other bins.
    """
    check_bins(calibration.days, current)
    windows = windows_of(current, drift.window_days)
    reason = _unknown(calibration, current, windows, drift)
    looks = {
        name: look(calibration, signal, windows, drift)
        for name, signal in calibration.signals.items()
    }
    found = [] if reason else list(_columns(calibration, windows, looks, drift))
    columns = tuple(sorted(found, key=lambda each: (-each.effect, each.column)))
    outcomes = {column.outcome for column in columns}
    newest = current.names[-drift.window_days :]
    return DataDrift(
        outcome=_outcome(outcomes),
        reason=reason,
        window=(newest[0], newest[-1]) if len(windows.rows) else None,
        rows=int(windows.rows[-1]) if len(windows.rows) else 0,
        retrains=any(column.retrains for column in columns),
        columns=columns,
        windows=windows,
        looks=looks,
    )


def _outcome(outcomes: set[Outcome]) -> Outcome:
    order: tuple[Outcome, ...] = ("confirmed_drift", "drift", "no_drift")
    return next((outcome for outcome in order if outcome in outcomes), "cannot_tell")


def _unknown(calibration: Calibration, current: Days, windows: Windows, drift: Drift) -> str:
    if calibration.cannot_tell:
        return calibration.cannot_tell
    if not len(windows.rows):
        n_days = len(current.names)
        return f"{n_days} days, fewer than the {drift.window_days} of a window."
    if windows.rows[-1] < drift.min_rows:
        rows = int(windows.rows[-1])
        return f"{rows} rows in the window, fewer than the {drift.min_rows} needed."
    return ""


def _columns(
    calibration: Calibration, windows: Windows, looks: Mapping[str, Looks], drift: Drift
) -> Iterator[ColumnDrift]:
    for signal, each in looks.items():
        columns, alarms = each.by_column(each.alarms)
        large = each.alarms & (each.effects >= drift.retrains_effect)
        lasting, retrains = (
            confirmed(flags, drift.persistence, drift.window_days)[-1]
            for flags in (alarms, each.by_column(large)[1])
        )
        for number, column in enumerate(columns):
            findings = tuple(_findings(each, column))
            effects = [found.effect for found in findings if found.effect is not None]
            yield ColumnDrift(
                column=column,
                signal=signal,
                outcome=_column_outcome(bool(effects), alarms[-1, number], lasting[number]),
                effect=max([0.0, *effects]),
                retrains=bool(retrains[number]),
                findings=findings,
                shift=shift_of(calibration.days, column, windows.cells[-1:], calibration.total),
            )


def _column_outcome(known: bool, alarm: bool, lasting: bool) -> Outcome:
    if not known:
        return "cannot_tell"
    if lasting:
        return "confirmed_drift"
    return "drift" if alarm else "no_drift"


def _findings(looks: Looks, column: str) -> Iterator[Finding]:
    for index, measure in enumerate(looks.measures):
        if measure.column == column:
            yield Finding(
                measure=measure,
                figure=known(looks.figures[-1, index]),
                effect=known(looks.effects[-1, index]),
                standardised=known(looks.standardised[-1, index]),
                threshold=known(looks.thresholds[-1, index]),
                p_value=known(looks.p_values[-1, index]),
                alarm=bool(looks.alarms[-1, index]),
            )


def known(value: float) -> float | None:
    """Return a figure, None where it cannot be told."""
    return None if np.isnan(value) else float(value)
