"""Describe the model's quality on late labels for the report.

In: the looks of mooring/outcomes at one window and those before it. Out: an OutcomesFinding.
"""

import datetime
from collections.abc import Mapping

from mooring.diagnosis.report import CalibrationBin, Figure, OutcomesFinding, Point
from mooring.drift.levels import Level
from mooring.evidence.bundle import Settings
from mooring.outcomes import judgement
from mooring.outcomes.calibration import calibration
from mooring.outcomes.joining import LeftOut
from mooring.outcomes.limits import falls
from mooring.outcomes.looks import Looks
from mooring.outcomes.tables import Tables

N_CALIBRATION_BINS = 10


def outcomes_finding(
    looks: Looks,
    window: Tables,
    settings: Settings,
    advisory: Mapping[str, float],
    left_out: LeftOut,
) -> OutcomesFinding:
    """Return the finding on the newest window, which earlier windows may confirm."""
    newest = looks.newest
    return OutcomesFinding(
        level=_level(looks),
        sentence=_sentence(looks),
        predictions=newest.predictions + left_out.too_young,
        due=newest.predictions,
        labelled=newest.labelled,
        coverage=newest.coverage,
        min_coverage=settings.outcomes.min_coverage,
        left_out=left_out,
        figures=tuple(_figure(number, looks) for number in range(len(newest.figures))),
        calibration=_calibration(window) if newest.labelled else (),
        advisory=dict(advisory),
    )


def _level(looks: Looks) -> Level:
    return "alarm" if looks.confirmed else looks.newest.level


def _sentence(looks: Looks) -> str:
    newest = looks.newest
    if looks.confirmed:
        in_the_newest = "" if newest.level == "watch" else " In the newest: "
        said = newest.reason if in_the_newest else f" {newest.reason}"
        return f"Worse in {looks.n_worse} of the last {looks.n_looks} windows.{in_the_newest}{said}"
    if newest.level == "watch":
        return f"{newest.reason} Not yet in enough of the last windows to be sure."
    return newest.reason


def _calibration(window: Tables) -> tuple[CalibrationBin, ...]:
    if window.task != "classification":
        return ()
    return tuple(
        CalibrationBin(rows=part.n, score=part.mean_score, observed=part.observed_frac)
        for part in calibration(window, N_CALIBRATION_BINS)
    )


def _figure(number: int, looks: Looks) -> Figure:
    newest = looks.newest.figures[number]
    level: Level | None = newest.level
    if level == "watch" and looks.confirmed:
        level = "alarm"
    return Figure(
        metric=newest.name,
        value=newest.value,
        low=newest.low,
        high=newest.high,
        reference=newest.reference,
        limit=_limit(newest),
        level=level,
        line=tuple(_point(last, each.figures[number]) for last, each in looks.windows.items()),
    )


def _point(last: datetime.date, one: judgement.Figure) -> Point:
    return Point(last=last, value=one.value, limit=_limit(one), low=one.low, high=one.high)


def _limit(one: judgement.Figure) -> float | None:
    """Return the value beyond which it is worse; None for a bias, which may err to both sides."""
    if one.limit is None or one.reference is None or one.name == "bias":
        return None
    return one.reference - one.limit if falls(one.name) else one.reference + one.limit
