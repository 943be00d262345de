"""How changed units are judged: how often drift is mistaken for one, and how often one is named.

In: Rows. Out: counts of windows of number columns that alarm, and of those that a conversion explains.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.drift_cases.counting import counted, counted_reference
from benchmarks.drift_cases.figures import Shuffle
from benchmarks.drift_cases.rows import SEED, Rows
from mooring.config.drift import Drift
from mooring.drift.conversions import Conversion, Explanation, Sample, candidates, explanation
from mooring.drift.days import Days
from mooring.drift.draws import Draws, consecutive_draws, random_draws
from mooring.drift.judging import judge
from mooring.drift.thresholds import Calibration, calibrate
from mooring.profiles.bins import NumberBins

SEASONS = ((0, 151), (0, 59), (60, 211), (180, 331), (120, 200), (270, 340))
"""First and last day of references that the rest of the year has drifted from."""
SHARES = (1.0, 0.33, 0.1)
"""Of the values of a window that are converted."""
Floats = NDArray[np.float64]


class Named(NamedTuple):
    """How many windows of number columns alarm, and how many of them read as a changed unit."""

    windows: int
    standing_out: int
    explained: int
    right: int
    """By the conversion that was made."""


@dataclass(frozen=True)
class Reference:
    """Some days of a data set, calibrated."""

    rows: Rows
    drift: Drift
    day: NDArray[np.int64]
    """(n_rows,): the place of each row's day; those before `n_days` are the reference."""
    days: Days
    calibration: Calibration
    draws: tuple[Draws, Draws]

    @classmethod
    def of(cls, rows: Rows, drift: Drift, day: NDArray[np.int64], n_days: int) -> "Reference":
        """Return the reference of the rows whose `day` is 0 to `n_days`."""
        inside = (day >= 0) & (day < n_days)
        names = [f"then-{number:03d}" for number in range(n_days)]
        days = counted_reference(rows.frame[inside], day[inside], names, rows.open_columns)
        window_days = drift.window_days
        draws = (
            random_draws(n_days, window_days, drift.n_draws, SEED),
            consecutive_draws(n_days, window_days),
        )
        return cls(rows, drift, day, days, calibrate(days, drift, SEED), draws)

    def explained(self, column: str, first: int, values: Floats) -> Explanation | bool | None:
        """Return what explains `values` (n_rows,) of the window from `first` on; False if it is quiet."""
        of = (self.day >= first) & (self.day < first + self.drift.window_days)
        frame = self.rows.frame[of].assign(**{column: values[of]})
        names = [f"now-{number:03d}" for number in range(self.drift.window_days)]
        current = counted(frame, self.day[of] - first, names, self.days.bins)
        found = judge(self.calibration, current, self.drift).columns
        if not any(each.alarmed for each in found if each.column == column):
            return False
        bins = self.days.bins[column]
        assert isinstance(bins, NumberBins)
        return explanation(
            self._sample(column, self.rows.frame[column].to_numpy(), 0, len(self.days.names)),
            self._sample(column, values, first, first + self.drift.window_days),
            edges=np.array(bins.edges),
            conversions=candidates(self.rows.units[column]),
            draws=self.draws,
            alpha=self.drift.alpha,
        )

    def _sample(self, column: str, values: Floats, first: int, last: int) -> Sample:
        of_days = pd.Series(values).groupby(self.day)
        days = range(first, last)
        rows = np.asarray(of_days.count().reindex(days, fill_value=0), dtype=np.float64)
        variances = np.asarray(of_days.var(ddof=0).reindex(days).fillna(0.0), dtype=np.float64)
        inside = (self.day >= first) & (self.day < last) & ~np.isnan(values)
        whole = np.sort(values[inside])
        mean = float(whole.mean()) if len(whole) else 0.0

        def cdf(points: Floats) -> Floats:
            return np.searchsorted(whole, points, side="right") / max(len(whole), 1)

        return Sample(rows, variances, mean, cdf)


def of_seasons(rows: Rows, drift: Drift) -> Named:
    """Return how the weeks of the year, in real order, are judged by other seasons."""
    found = []
    for first, last in SEASONS:
        reference = Reference.of(rows, drift, (rows.day - first) % rows.n_days, last - first)
        n_weeks = (rows.n_days - (last - first)) // drift.window_days
        for week in range(n_weeks):
            start = last - first + week * drift.window_days
            for column in rows.units:
                values = rows.frame[column].to_numpy()
                found.append((reference.explained(column, start, values), None))
    return _named(found)


def of_conversions(shuffles: Sequence[Shuffle], share: float) -> Named:
    """Return how windows of shuffled days are judged in which a share of one column was converted."""
    found = []
    for number, each in enumerate(shuffles):
        rows, drift = each.rows, each.drift
        n_days = len(np.unique(each.place[each.is_reference]))
        reference = Reference.of(rows, drift, each.place, n_days)
        random = np.random.default_rng(SEED + number)
        for column, conversion in _conversions(rows):
            first = n_days + int(random.integers(each.n_windows)) * drift.window_days
            values = rows.frame[column].to_numpy()
            made = np.where(
                random.random(len(values)) < share,
                conversion.factor * values + conversion.offset,
                values,
            )
            made = np.where(each.is_reference, values, made)
            found.append((reference.explained(column, first, made), conversion))
    return _named(found)


def _conversions(rows: Rows) -> Iterator[tuple[str, Conversion]]:
    for column, unit in rows.units.items():
        for conversion in candidates(unit):
            yield column, conversion


def _named(found: Sequence[tuple[Explanation | bool | None, Conversion | None]]) -> Named:
    standing_out = [(said, made) for said, made in found if said is not False]
    explained = [(said, made) for said, made in standing_out if isinstance(said, Explanation)]
    right = sum(
        isinstance(said, Explanation) and said.conversion == made for said, made in explained
    )
    return Named(len(found), len(standing_out), len(explained), right)
