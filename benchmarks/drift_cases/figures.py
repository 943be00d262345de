"""What Mooring says of windows of real rows, in which nothing has changed or one thing has.

In: Rows. Out: shares of windows with an alarm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from benchmarks.drift_cases.counting import (
    Counting,
    cells_of,
    counted_cells,
    counted_reference,
)
from benchmarks.drift_cases.faults import Fault
from benchmarks.drift_cases.rows import SEED, Rows
from mooring.config.drift import Drift
from mooring.drift.days import Days
from mooring.drift.judging import judge
from mooring.drift.looks import confirmed
from mooring.drift.quality import QualityCalibration, calibrate_quality, judge_quality
from mooring.drift.thresholds import Calibration, calibrate
from mooring.profiles.bins import Bins

ROOT = Path(__file__).parents[2]
REFERENCE_DAYS = 151
"""As many as the flights' train window has."""
Flags = NDArray[np.bool_]


def settings() -> Drift:
    """Return what conf/drift says."""
    return Drift.parse("drift", yaml.safe_load((ROOT / "conf/drift/days.yaml").read_text()))


@dataclass(frozen=True)
class Shuffle:
    """A data set whose days were put in a seeded order: reference first, then windows of days."""

    rows: Rows
    drift: Drift
    place: NDArray[np.int64]
    """(n_rows,): where the row's day came to be."""

    @property
    def n_windows(self) -> int:
        """Whole windows after the reference."""
        return (self.rows.n_days - REFERENCE_DAYS) // self.drift.window_days

    @cached_property
    def is_reference(self) -> Flags:
        """(n_rows,)"""
        return self.place < REFERENCE_DAYS

    def current(self, n_days: int) -> tuple[pd.DataFrame, NDArray[np.int64]]:
        """Return the rows of the first days after the reference, and the day of each from 0."""
        after = ~self.is_reference & (self.place < REFERENCE_DAYS + n_days)
        return self.rows.frame[after], self.place[after] - REFERENCE_DAYS


def shuffles(rows: Rows, drift: Drift, n: int) -> Iterator[Shuffle]:
    """Yield orders of the days."""
    for number in range(n):
        order = np.random.default_rng(SEED + number).permutation(rows.n_days)
        yield Shuffle(rows, drift, np.argsort(order)[rows.day])


@dataclass(frozen=True)
class Alarms:
    """Results of windows, (n_windows, n_columns), for each column."""

    columns: tuple[str, ...]
    drift: Flags
    lasting: Flags
    """Confirmed by the windows before."""
    quality: Flags
    """Confirmed on a day of the window; the last column is the volume."""

    def any_in(self, column: str) -> Flags:
        """Return (n_windows,): whether the column has any alarm."""
        index = self.columns.index(column)
        either: Flags = self.drift[:, index] | self.quality[:, index]
        return either


@dataclass(frozen=True)
class Judge:
    """A shuffle, counted in one way, its reference calibrated."""

    shuffle: Shuffle
    counting: Counting

    @cached_property
    def reference(self) -> Days:
        """The days that thresholds are set by; bins and edges are theirs."""
        of, names = self.shuffle.is_reference, _names("then", REFERENCE_DAYS)
        rows = self.shuffle.rows
        return self.counting.reference(
            rows.frame[of], self.shuffle.place[of], names, rows.open_columns
        )

    @cached_property
    def current(self) -> Days:
        """The days of every whole window after it."""
        return self._counted(*self.shuffle.current(self._n_days), self.reference.bins)

    def spoilt(self, fault: Fault, seed: int) -> Days:
        """Return the same after a fault: its column is counted again."""
        frame, day = self.shuffle.current(self._n_days)
        bins = {fault.column: self.reference.bins[fault.column]}
        cells = self.current.cells.copy()
        cells[:, self.current.spans[fault.column]] = self._counted(
            fault.applied(frame, seed)[[fault.column]], day, bins
        ).cells
        return replace(self.current, cells=cells)

    @property
    def _n_days(self) -> int:
        return self.shuffle.n_windows * self.shuffle.drift.window_days

    def _counted(self, frame: pd.DataFrame, day: NDArray[np.int64], bins: Bins) -> Days:
        return self.counting.current(frame, day, _names("now", self._n_days), bins)

    @cached_property
    def calibration(self) -> Calibration:
        """Of drift."""
        return calibrate(self.reference, self.shuffle.drift, SEED)

    def alarms(self, current: Days) -> Alarms:
        """Judge windows, end to end."""
        drift = self.shuffle.drift
        looks = judge(self.calibration, current, drift).looks
        parts = [each.by_column(each.alarms) for each in looks.values()]
        columns = tuple(column for part in parts for column in part[0])
        found = np.concatenate([part[1] for part in parts], axis=1)[:: drift.window_days]
        return Alarms(
            columns, found, confirmed(found, drift.persistence, 1), self._quality(current, columns)
        )

    @cached_property
    def _quality_calibration(self) -> QualityCalibration:
        return calibrate_quality(self.reference, self.shuffle.drift, SEED)

    def _quality(self, current: Days, columns: Sequence[str]) -> Flags:
        drift = self.shuffle.drift
        found = judge_quality(self._quality_calibration, current, drift)
        lasting = confirmed(found.alarms, drift.persistence, 1)
        by_window = lasting.reshape(self.shuffle.n_windows, drift.window_days, -1)
        of = [measure.column for measure in found.measures]
        return np.stack(
            [
                by_window[:, :, [each == column for each in of]].any(axis=(1, 2))
                for column in (*columns, "")
            ],
            axis=1,
        )


def days_shuffled(judges: Sequence[Judge]) -> dict[str, Flags]:
    """Return whether each window after the reference has an alarm, by what is counted as one."""
    found: dict[str, list[Flags]] = {}
    for each in judges:
        alarms = each.alarms(each.current)
        for name, flags in (
            ("drift", alarms.drift),
            ("confirmed drift", alarms.lasting),
            ("quality", alarms.quality),
            ("any", np.concatenate([alarms.drift, alarms.quality], axis=1)),
        ):
            found.setdefault(name, []).append(np.any(flags, axis=1, keepdims=True)[:, 0])
    return {name: np.concatenate(flags) for name, flags in found.items()}


def rows_shuffled(rows: Rows, drift: Drift, size: int, n_references: int, n: int) -> Flags:
    """Return whether each window of `size` rows of one heap has an alarm of drift, n a reference."""
    found: list[bool] = []
    for number in range(n_references):
        random = np.random.default_rng(SEED + number)
        heap = random.permutation(len(rows.frame))
        n_reference = len(heap) * REFERENCE_DAYS // rows.n_days
        frame = rows.frame.iloc[heap[:n_reference]]
        block = np.arange(n_reference) % REFERENCE_DAYS
        names = _names("then", REFERENCE_DAYS)
        reference = counted_reference(frame, block, names, rows.open_columns)
        calibration = calibrate(reference, drift, SEED)
        cells = cells_of(rows.frame.iloc[heap[n_reference:]], reference.bins)
        for _ in range(n):
            own = cells[random.choice(len(cells), size, replace=False)]
            window = _names("now", drift.window_days)
            current = counted_cells(
                own, np.arange(size) % drift.window_days, window, reference.bins
            )
            looks = judge(calibration, current, drift).looks
            found.append(any(each.alarms[-1].any() for each in looks.values()))
    return np.array(found)


def power(judges: Sequence[Judge], fault: Fault) -> Flags:
    """Return whether each window with the fault has an alarm in its column.

    Every other window has it, then the others, so that each is the first after days without.
    """
    found: list[Flags] = []
    for number, each in enumerate(judges):
        spoilt = each.spoilt(fault, SEED + number)
        window = np.arange(len(spoilt.names)) // each.shuffle.drift.window_days
        for first in (0, 1):
            here = (window % 2 == first)[:, None]
            cells = np.where(here, spoilt.cells, each.current.cells)
            found.append(each.alarms(replace(spoilt, cells=cells)).any_in(fault.column)[first::2])
    return np.concatenate(found)


def _names(kind: str, n: int) -> list[str]:
    return [f"{kind}-{number:03d}" for number in range(n)]
