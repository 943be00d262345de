"""What moves in a segment alone is found there and named, and segments keep the rate of false alarms."""

import datetime
from typing import Any

import numpy as np
import pytest

from mooring.config.data import Data
from mooring.diagnosis.deciding import decided
from mooring.diagnosis.describing import column_findings
from mooring.drift.days import Days, stacked
from mooring.drift.judging import DataDrift, judge
from mooring.drift.measures import flaw_measures
from mooring.drift.thresholds import Calibration, calibrate
from mooring.profiles.reading import read_profile
from mooring.profiles.segments import segment_of
from mooring.profiles.sketches import profile_columns
from mooring.profiles.tables import counts, reference_counts
from tests.support.drifting import settings
from tests.support.served_days import asked
from tests.support.small import params

KINDS: dict[str, Any] = {"x": "number", "city": "category", "score": "number"}
SEGMENTS = {"city": ["Aba", "Bonn"]}
SHARES = {"Aba": 0.12, "Bonn": 0.4, "Cuzco": 0.48}
FIRST = datetime.date(2024, 1, 1)
N_REFERENCE_DAYS, N_ROWS, SEED = 100, 400, 13
DRIFT = settings(segments={"city": tuple(SEGMENTS["city"])})


def profile(day: datetime.date, segments: Any, shift: float = 0.0) -> Any:
    """Return a day whose rows resemble each other; `shift` moves the x of Aba alone."""
    draw = np.random.default_rng(day.toordinal())
    city = draw.choice(np.array(list(SHARES), dtype=object), N_ROWS, p=list(SHARES.values()))
    x = draw.normal(draw.normal(0, 0.15), 1, N_ROWS) + shift * (city == "Aba")
    columns = {"x": x, "city": city, "score": draw.uniform(size=N_ROWS)}
    view = profile_columns(columns, KINDS, day=day, facts={}, segments=segments)
    return read_profile(view.serialize(), str(day))


class Problem:
    """A reference, and what is usual in it."""

    def __init__(self, segments: Any) -> None:
        days = [FIRST + datetime.timedelta(days=n) for n in range(N_REFERENCE_DAYS)]
        self.bins, blocks = reference_counts({str(day): profile(day, segments) for day in days})
        self.segments = segments
        self.days: Days = stacked(blocks, self.bins)
        self.calibration: Calibration = calibrate(self.days, DRIFT, SEED)

    def served(self, start: int, n_days: int, shift: float = 0.0) -> Days:
        """Return days of serving, counted in the reference's bins."""
        days = [FIRST + datetime.timedelta(days=start + n) for n in range(n_days)]
        blocks = {str(day): counts([profile(day, self.segments, shift)], self.bins) for day in days}
        return stacked(blocks, self.bins)

    def judged(self, start: int, n_days: int = 21, shift: float = 0.0) -> DataDrift:
        return judge(self.calibration, self.served(start, n_days, shift), DRIFT)


@pytest.fixture(scope="module")
def segmented() -> Problem:
    return Problem(SEGMENTS)


def test_what_moves_in_a_small_segment_alone_is_found_there_and_nowhere_else(
    segmented: Problem,
) -> None:
    found = segmented.judged(N_REFERENCE_DAYS, shift=0.9)
    levels = {each.column: each.level for each in found.columns}
    assert levels.pop("city=Aba\\x") == "alarm"
    assert {levels[name] for name in levels if segment_of(name)[0]} == {"quiet"}
    assert levels["city"] == levels["score"] == "quiet"
    assert decided(found, (), None, (), asked()) == (
        "retrain",
        "Drifted in at least 2 of the last 3 windows: x (city=Aba).",
    )
    told = column_findings(found, segmented.days, _data(), {})
    (moved,) = [each for each in told if each.level == "alarm"]
    assert (moved.name, moved.segment, moved.spoken) == ("x", "city=Aba", "x (city=Aba)")


def test_a_family_of_its_own_shares_alpha_and_leaves_the_others_as_they_are(
    segmented: Problem,
) -> None:
    plain = Problem({})
    assert set(plain.calibration.signals) == {"distribution", "score"}
    assert set(segmented.calibration.signals) == {"distribution", "score", "segments"}
    for name, signal in plain.calibration.signals.items():
        assert segmented.calibration.signals[name].measures == signal.measures
    alphas = [each.alpha for each in segmented.calibration.signals.values()]
    assert alphas == pytest.approx([DRIFT.alpha / 3] * 3)


def test_quality_and_volume_are_of_all_rows(segmented: Problem) -> None:
    columns = {measure.column for measure in flaw_measures(segmented.days)}
    assert columns == {"x", "city", "score", ""}
    assert segmented.judged(N_REFERENCE_DAYS).rows == 7 * N_ROWS


def test_a_segment_of_few_rows_cannot_be_told_and_the_others_can(segmented: Problem) -> None:
    few = calibrate(segmented.days, DRIFT.model_copy(update={"min_rows": 2 * N_ROWS}), SEED)
    found = segmented.judged(N_REFERENCE_DAYS, n_days=7)
    again = judge(
        few,
        segmented.served(N_REFERENCE_DAYS, 7),
        DRIFT.model_copy(update={"min_rows": 2 * N_ROWS}),
    )
    assert {each.level for each in found.columns} == {"quiet"}
    levels = {each.column: each.level for each in again.columns}
    assert levels["city=Aba\\x"] == levels["city=Aba\\score"] == "cannot_tell"
    assert levels["city=Bonn\\x"] == levels["x"] == "quiet"


@pytest.mark.parametrize(
    ("n_windows", "most"),
    [(30, 6), pytest.param(200, 20, marks=pytest.mark.prove)],
    ids=["30", "200"],
)
def test_with_segments_windows_without_drift_alarm_as_seldom_as_declared(
    segmented: Problem, n_windows: int, most: int, record_property: Any
) -> None:
    """At 5% of the windows, and what chance adds once in 1,000 references."""
    windows = [segmented.judged(1000 + 7 * n, n_days=7).level for n in range(n_windows)]
    n_alarms = sum(level != "quiet" for level in windows)
    record_property("windows", n_windows)
    record_property("alarms", n_alarms)
    assert n_alarms <= most


def _data() -> Any:
    return Data.parse("data", params("classification", True)["data"])
