"""Whether the newest window differs from the reference, in which columns, and in which direction.

In: a calibration and the current days, whose earlier windows confirm. Out: a DataDrift. Nothing is
read or written, so the same counts always give the same judgement.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mooring.config.drift import Drift
from mooring.drift.days import Days, check_bins
from mooring.drift.levels import TOO_MANY_CATEGORIES, Cause, Level, Unchecked, worst
from mooring.drift.looks import Flags, Looks, confirmed, look
from mooring.drift.measures import Measure, is_flaw
from mooring.drift.shifts import Shift, shift_of
from mooring.drift.thresholds import MIN_VALUES_FRAC, Calibration, Signal
from mooring.drift.windows import Windows, windows_of
from mooring.profiles.bins import CategoryBins

REASONS: dict[Cause, str] = {
    "too_few_values": "Fewer than {least} rows of the window have a value.",
    "reference_has_too_few_values": "Windows of the reference have fewer than {least} rows with a value.",
    "reference_has_too_many_categories": TOO_MANY_CATEGORIES,
}


@dataclass(frozen=True)
class Finding:
    """One measure of the newest window; None where it is unknown."""

    measure: Measure
    figure: float | None
    effect: float | None
    """How much the figure exceeds the usual one."""
    standardised: float | None
    threshold: float | None
    """The threshold of `standardised`."""
    p_value: float | None
    alarm: bool


@dataclass(frozen=True)
class ColumnDrift:
    """One column of the newest window."""

    column: str
    signal: str
    level: Level
    """`alarm` where enough windows differ by enough to propose retraining."""
    confirmed: bool
    """Whether enough windows differ at all."""
    effect: float
    """The largest effect of its measures; 0 if all are unknown."""
    findings: tuple[Finding, ...]
    alarmed: str | None
    """The last day of the newest confirming window that differs."""
    unseen: Level
    """The level of unseen categories if the column's set is closed, which is broken data, not drift;
    `quiet` for every other column."""
    unchecked: Cause | None
    """Why it was not checked; for an open set, why its unseen categories were not."""
    shift: Shift
    """How it moved, whether or not it is an alarm."""


@dataclass(frozen=True)
class DataDrift:
    """The judgement of the newest window."""

    level: Level
    unchecked: tuple[Unchecked, ...]
    """Columns that were not judged, by cause."""
    window: tuple[str, str] | None
    """The first and the last day; None if there are fewer days than in a window."""
    rows: int
    columns: tuple[ColumnDrift, ...]
    """By effect, the largest first."""
    windows: Windows
    looks: Mapping[str, Looks]
    """Every window up to the newest, by signal."""


def judge(calibration: Calibration, current: Days, drift: Drift) -> DataDrift:
    """Return the judgement of the last window of the current days.

    A column's alarm is confirmed by earlier windows that share no day with each other, so `current`
    should hold persistence.looks windows. Raises DataError if it was counted in other bins.
    """
    check_bins(calibration.days, current)
    windows = windows_of(current, drift.window_days)
    unknown = _unknown(calibration, current, windows, drift)
    looks = {
        name: look(calibration, signal, windows, drift)
        for name, signal in calibration.signals.items()
    }
    judged = [] if unknown else list(_columns(calibration, windows, looks, drift))
    columns = tuple(sorted(judged, key=lambda column: (-column.effect, column.column)))
    newest = current.names[-drift.window_days :]
    return DataDrift(
        level=worst(column.level for column in columns),
        unchecked=unknown or _unjudged(columns, drift),
        window=(newest[0], newest[-1]) if len(windows.rows) else None,
        rows=int(windows.rows[-1]) if len(windows.rows) else 0,
        columns=columns,
        windows=windows,
        looks=looks,
    )


def _unknown(
    calibration: Calibration, current: Days, windows: Windows, drift: Drift
) -> tuple[Unchecked, ...]:
    """Return every column with the reason why none can be judged; empty if they can."""
    columns = tuple(calibration.days.bins)
    if calibration.cannot_tell:
        return (Unchecked("reference_too_small", columns, calibration.cannot_tell),)
    if not len(windows.rows):
        reason = f"{len(current.names)} days, fewer than the {drift.window_days} of a window."
        return (Unchecked("too_few_days", columns, reason),)
    rows = int(windows.rows[-1])
    if rows < drift.min_rows:
        reason = f"{rows} rows in the window, fewer than the {drift.min_rows} needed."
        return (Unchecked("too_few_rows", columns, reason),)
    return ()


def _unjudged(columns: Sequence[ColumnDrift], drift: Drift) -> tuple[Unchecked, ...]:
    least = round(MIN_VALUES_FRAC * drift.min_rows)
    return tuple(
        Unchecked(cause, names, reason.format(least=least))
        for cause, reason in REASONS.items()
        if (names := tuple(_check(column) for column in columns if column.unchecked == cause))
    )


def _check(column: ColumnDrift) -> str:
    return column.column if column.level == "cannot_tell" else f"{column.column}: unseen"


def _columns(
    calibration: Calibration, windows: Windows, looks_by_signal: Mapping[str, Looks], drift: Drift
) -> Iterator[ColumnDrift]:
    for name, of_signal in looks_by_signal.items():
        of_flaws = np.array([is_flaw(calibration.days, measure) for measure in of_signal.measures])
        drifts, unseen = of_signal.alarms & ~of_flaws, of_signal.alarms & of_flaws
        large = drifts & (of_signal.effects >= drift.retrains_effect)
        columns, by_column = of_signal.by_column(drifts)
        newest = [_newest(of_signal, flags, drift) for flags in (drifts, large, unseen)]
        for number, column in enumerate(columns):
            findings = tuple(_findings(of_signal, column, of_flaws))
            effects = [one.effect for one in findings if one.effect is not None]
            (alarm, lasting), (_, retrains), flaw = (
                (now[number], often[number]) for now, often in newest
            )
            yield ColumnDrift(
                column=column,
                signal=name,
                level=_level(bool(effects), alarm or lasting, retrains),
                confirmed=bool(lasting),
                effect=max([0.0, *effects]),
                findings=findings,
                alarmed=_alarmed(by_column[:, number], windows, drift),
                unseen=_level(True, any(flaw), flaw[1]),
                unchecked=_cause(calibration, calibration.signals[name], column, bool(effects)),
                shift=shift_of(calibration.days, column, windows.cells[-1:], calibration.total),
            )


def _newest(looks: Looks, flags: Flags, drift: Drift) -> tuple[Flags, Flags]:
    """Return, (n_columns,) each, whether any flag is set in the newest window, and in enough windows."""
    by_column = looks.by_column(flags)[1]
    return by_column[-1], confirmed(by_column, drift.persistence, drift.window_days)[-1]


def _alarmed(flags: Flags, windows: Windows, drift: Drift) -> str | None:
    looks = range(len(flags) - 1, -1, -drift.window_days)[: drift.persistence.looks]
    return next((windows.last_days[look] for look in looks if flags[look]), None)


def _level(known: bool, stands_out: bool, sure: bool) -> Level:
    if not known:
        return "cannot_tell"
    return "alarm" if sure else "watch" if stands_out else "quiet"


def _cause(calibration: Calibration, signal: Signal, column: str, known: bool) -> Cause | None:
    if not known:
        scales = signal.sizes[0].nulls[0].scales  # of windows of the usual size
        of_column = [measure.column == column for measure in signal.measures]
        judgeable = np.isfinite(scales[of_column]).any()
        return "too_few_values" if judgeable else "reference_has_too_few_values"
    bins = calibration.days.bins[column]
    unbounded = isinstance(bins, CategoryBins) and bins.open and not bins.whole
    return "reference_has_too_many_categories" if unbounded else None


def _findings(looks: Looks, column: str, of_flaws: Flags) -> Iterator[Finding]:
    for index, measure in enumerate(looks.measures):
        if measure.column == column and not of_flaws[index]:
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
    """Return a figure, None if it is NaN."""
    return None if np.isnan(value) else float(value)
