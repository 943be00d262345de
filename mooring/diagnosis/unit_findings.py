"""Find numbers that now arrive in another unit: this is not drift, and no training would fix it.

In: a DataDrift, and the profiles of reference and serving, whose sketches say more than the counts by bin.
Out: a QualityFinding for each column that a conversion of the reference explains.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mooring.config.data import NumberColumn
from mooring.diagnosis.report import QualityFinding
from mooring.diagnosis.samples import sample_of
from mooring.drift.conversions import Explanation, candidates, explanation
from mooring.drift.days import Days
from mooring.drift.draws import consecutive_draws, random_draws
from mooring.drift.judging import ColumnDrift, DataDrift
from mooring.evidence.bundle import Settings
from mooring.profiles.bins import NumberBins
from mooring.profiles.reading import Profile


def unit_findings(
    drift: DataDrift,
    days: Days,
    reference: Mapping[str, Profile],
    current: Mapping[str, Sequence[Profile]],
    settings: Settings,
) -> Iterator[QualityFinding]:
    """Yield a finding for each column whose newest differing window looks converted.

    `reference` maps each block of `days` to its profile, `current` each day to its profiles.
    """
    n_days, window_days = len(days.names), settings.drift.window_days
    draws = (
        random_draws(n_days, window_days, settings.drift.n_draws, settings.seed),
        consecutive_draws(n_days, window_days),
    )
    for moved in drift.columns:
        declared, bins = settings.data.columns.get(moved.column), days.bins[moved.column]
        if moved.alarmed and isinstance(declared, NumberColumn) and isinstance(bins, NumberBins):
            fit = explanation(
                sample_of([_of_block(reference, name) for name in days.names], moved.column),
                sample_of(_of_window(current, moved.alarmed, window_days), moved.column),
                edges=np.array(bins.edges),
                conversions=candidates(declared.unit),
                draws=draws,
                alpha=settings.drift.alpha,
            )
            if fit is not None:
                yield _finding(moved, fit, moved.alarmed)


def _of_block(reference: Mapping[str, Profile], name: str) -> list[Profile]:
    return [reference[name]] if name in reference else []


def _of_window(
    current: Mapping[str, Sequence[Profile]], last: str, window_days: int
) -> list[Sequence[Profile]]:
    ends = datetime.date.fromisoformat(last)
    days = [str(ends - datetime.timedelta(days=back)) for back in range(window_days)]
    return [current.get(day, ()) for day in days]


def _finding(column: ColumnDrift, fit: Explanation, last: str) -> QualityFinding:
    looks_like = fit.conversion.looks_like
    return QualityFinding(
        column=column.column,
        check="unit",
        level="alarm" if column.confirmed else "watch",
        observed=fit.share,
        limit=None,
        days=None,
        sentence=f"About {fit.share:.0%} of the values of the window up to {last} look like {looks_like}: "
        "the converted reference has the same distribution and spread.",
    )
