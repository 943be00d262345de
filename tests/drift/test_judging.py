"""Judging: quiet where nothing changed, and where something has, which column and which way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.drift.days import Days, stacked
from mooring.drift.judging import DataDrift, judge
from mooring.drift.shifts import Change
from mooring.drift.thresholds import calibrate
from tests.support.drifting import (
    BINS,
    SHARES,
    counts,
    current_days,
    reference_days,
    settings,
    some_days,
)

CALIBRATED = calibrate(reference_days(), settings(), seed=13)
MOVED = {
    "x": SHARES | {"x": (0.1, 0.15, 0.2, 0.25, 0.3)},
    "c": SHARES | {"c": (0.4, 0.59, 0.01)},
    "score": SHARES | {"score": (0.15, 0.2, 0.25, 0.4)},
}


def judged(days: Days) -> DataDrift:
    return judge(CALIBRATED, days, settings())


def outcomes(found: DataDrift) -> dict[str, str]:
    return {each.column: each.outcome for each in found.columns}


def after(n_before: int, n_after: int, column: str, seed: int = 3) -> Days:
    """Return days in which a column moves after some."""
    before = some_days(n_before, seed, first=80)
    moved = some_days(n_after, seed + 1, first=80 + n_before, shares=MOVED[column])
    return stacked(before | moved, BINS)


def test_a_window_where_nothing_changed_has_no_drift():
    found = judged(current_days())
    assert (found.outcome, found.retrains, found.reason, found.rows) == (
        "no_drift",
        False,
        "",
        2800,
    )
    assert found.window == ("2024-04-04", "2024-04-10")
    assert set(outcomes(found).values()) == {"no_drift"}


@pytest.mark.parametrize("column", ["x", "c", "score"])
def test_one_window_informs_and_two_of_three_confirm(column):
    once, twice = judged(after(14, 7, column)), judged(after(7, 14, column))
    others = {name: "no_drift" for name in BINS}
    assert outcomes(once) == others | {column: "drift"}
    assert (once.outcome, once.retrains) == ("drift", False)
    assert outcomes(twice) == others | {column: "confirmed_drift"}
    assert (twice.outcome, twice.retrains) == ("confirmed_drift", True)


def test_columns_come_by_falling_effect_with_the_evidence():
    found = judged(after(14, 7, "x"))
    first = found.columns[0]
    assert (first.column, first.signal) == ("x", "distribution")
    assert [each.effect for each in found.columns] == sorted(
        (each.effect for each in found.columns), reverse=True
    )
    assert first.effect == max(finding.effect for finding in first.findings)
    assert any(finding.alarm for finding in first.findings)
    for finding in first.findings:
        assert finding.alarm == (
            finding.standardised > finding.threshold and finding.effect >= 0.02
        )
        assert (finding.p_value <= 0.025) == (finding.standardised >= finding.threshold)


def test_a_confirmed_difference_that_is_small_proposes_nothing():
    drift = settings(retrains_effect=0.9)
    found = judge(CALIBRATED, after(7, 14, "x"), drift)
    assert (found.outcome, found.retrains) == ("confirmed_drift", False)


def test_a_difference_below_the_least_is_no_alarm_however_sure():
    found = judge(CALIBRATED, after(7, 14, "x"), settings(informs_effect=0.5, retrains_effect=0.5))
    assert found.outcome == "no_drift"
    assert min(finding.p_value for finding in found.columns[0].findings) < 0.025


def test_a_number_says_which_way_it_moved_and_a_category_which_grew():
    of = {each.column: each.shift for each in judged(after(0, 7, "x")).columns}
    assert of["x"].rank == pytest.approx(0.1, abs=0.02)
    assert of["x"].current == pytest.approx(MOVED["x"]["x"], abs=0.03)
    of = {each.column: each.shift for each in judged(after(0, 7, "c")).columns}
    assert of["c"].rank is None
    first, second, *_ = of["c"].changes
    assert {first.name, second.name} == {"a", "b"}
    grown = max(of["c"].changes, key=lambda change: change.current - change.reference)
    assert (grown.name, grown.current) == ("b", pytest.approx(0.59, abs=0.03))


def test_an_unseen_category_is_named_as_one():
    days = some_days(7, seed=2, first=80)
    for of_day in days.values():
        of_day["c"] = counts(400, [220, 155, 5], unseen=20)
    found = judged(stacked(days, BINS))
    assert found.columns[0].column == "c"
    assert found.columns[0].outcome == "drift"
    assert Change("(unseen)", 0.0, 0.05) in found.columns[0].shift.changes


@pytest.mark.parametrize(
    ("n_unseen", "unseen_frac", "alarm"),
    [(0, 0.001, False), (1, 0.002, True), (1, 0.004, False), (2, 0.004, True)],
)
def test_unseen_rows_are_an_alarm_from_their_share_on_in_whole_rows(n_unseen, unseen_frac, alarm):
    """504 rows, of which 0.2% are 1.008 and 0.4% are 2.016."""
    days = some_days(7, seed=2, first=80, rows=72)
    for of_day in list(days.values())[:n_unseen]:
        of_day["c"] = counts(72, [43, 28, 0], unseen=1)
    quality = settings().quality.model_copy(update={"unseen_frac": unseen_frac})
    found = judge(CALIBRATED, stacked(days, BINS), settings(quality=quality.model_dump()))
    of = {finding.measure.kind: finding for each in found.columns for finding in each.findings}
    assert of["unseen"].figure == pytest.approx(n_unseen / 504, abs=1e-9)
    assert of["unseen"].alarm == alarm


@given(st.integers(1, 40), st.integers(7, 20))
def test_days_like_the_whole_reference_never_drift(times: int, n_days: int):
    same = CALIBRATED.total.repeat(n_days, axis=0) * times
    names = tuple(f"now-{day:02d}" for day in range(n_days))
    found = judged(Days(names, BINS, same))
    assert set(outcomes(found).values()) == {"no_drift"}
    assert not any(looks.alarms.any() for looks in found.looks.values())


def test_every_window_is_looked_at_as_if_it_were_the_newest():
    days = after(10, 12, "c")
    every = judged(days)
    assert every.windows.last_days == days.names[6:]
    for n_days in (7, 13, 17, 22):
        some = judged(Days(days.names[:n_days], days.bins, days.cells[:n_days]))
        for name, looks in some.looks.items():
            assert (looks.alarms == every.looks[name].alarms[: n_days - 6]).all()
            np.testing.assert_array_equal(looks.effects, every.looks[name].effects[: n_days - 6])


@pytest.mark.parametrize(
    ("days", "reason", "window"),
    [
        (current_days(6), "6 days, fewer than the 7 of a window.", None),
        (current_days(0), "0 days, fewer than the 7 of a window.", None),
        (
            current_days(7, rows=42),
            "294 rows in the window, fewer than the 300 needed.",
            ("2024-03-21", "2024-03-27"),
        ),
    ],
)
def test_too_little_cannot_tell_and_says_why(days, reason, window):
    found = judged(days)
    assert (found.outcome, found.reason, found.window) == ("cannot_tell", reason, window)
    assert (found.columns, found.retrains) == ((), False)


def test_a_reference_that_cannot_tell_tells_nothing_of_any_window():
    calibration = calibrate(reference_days(20), settings(), seed=13)
    found = judge(calibration, current_days(), settings())
    assert (found.outcome, found.reason, found.looks) == (
        "cannot_tell",
        calibration.cannot_tell,
        {},
    )


def test_a_column_without_values_cannot_be_told_and_the_others_can():
    days = some_days(7, seed=2, first=80)
    for of_day in days.values():
        of_day["x"] = counts(400, [0, 0, 0, 0, 0], null=400)
        del of_day["c"]
    found = judged(stacked(days, BINS))
    assert outcomes(found) == {"x": "cannot_tell", "c": "cannot_tell", "score": "no_drift"}
    assert {finding.figure for finding in found.columns[-1].findings} == {None}
    assert found.outcome == "no_drift"


def test_few_rows_are_judged_by_what_few_rows_do():
    """80 windows of 301 rows: 5% alarms at most by design, 13% with four binomial deviations."""
    alarms = 0
    for seed in range(80):
        window = current_days(7, seed=100 + seed, rows=43)
        found = judge(CALIBRATED, window, settings(informs_effect=1e-6))
        alarms += found.outcome != "no_drift"
    assert alarms / 80 <= 0.15


def test_false_alarms_are_about_as_rare_as_asked():
    """150 windows against 15 references: 5% +- 6 points, since a reference's windows go together."""
    alarms = 0
    for seed in range(15):
        reference = stacked(some_days(80, seed=500 + seed), BINS)
        calibration = calibrate(reference, settings(min_rows=2000), seed=13)
        days = stacked(some_days(70, seed=700 + seed, first=80), BINS)
        looks = judge(calibration, days, settings(informs_effect=1e-6)).looks.values()
        windows = np.concatenate([each.alarms for each in looks], axis=1)[::7]
        alarms += windows.any(axis=1).sum()
    assert alarms / 150 <= 0.11
