"""Judging: quiet where nothing changed, and where something has, which column and which way."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.drift.days import Days, stacked
from mooring.drift.judging import DataDrift, judge
from mooring.drift.levels import Unchecked
from mooring.drift.shifts import Change
from mooring.drift.thresholds import calibrate
from mooring.profiles.bins import Counts
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
OPEN_BINS = BINS | {"c": replace(BINS["c"], open=True)}
OPEN = calibrate(replace(reference_days(), bins=OPEN_BINS), settings(), seed=13)
MOVED = {
    "x": SHARES | {"x": (0.1, 0.15, 0.2, 0.25, 0.3)},
    "c": SHARES | {"c": (0.4, 0.59, 0.01)},
    "score": SHARES | {"score": (0.15, 0.2, 0.25, 0.4)},
}


def judged(days: Days) -> DataDrift:
    return judge(CALIBRATED, days, settings())


def levels(found: DataDrift) -> dict[str, str]:
    return {each.column: each.level for each in found.columns}


def after(n_before: int, n_after: int, column: str, seed: int = 3) -> Days:
    """Return days in which a column moves after some."""
    before = some_days(n_before, seed, first=80)
    moved = some_days(n_after, seed + 1, first=80 + n_before, shares=MOVED[column])
    return stacked(before | moved, BINS)


def test_a_window_where_nothing_changed_has_no_drift():
    found = judged(current_days())
    assert (found.level, found.unchecked, found.rows) == ("quiet", (), 2800)
    assert found.window == ("2024-04-04", "2024-04-10")
    assert set(levels(found).values()) == {"quiet"}


@pytest.mark.parametrize("column", ["x", "c", "score"])
def test_one_window_informs_and_two_of_three_confirm(column):
    once, twice = judged(after(14, 7, column)), judged(after(7, 14, column))
    others = {name: "quiet" for name in BINS}
    assert levels(once) == others | {column: "watch"}
    assert (once.level, once.columns[0].confirmed) == ("watch", False)
    assert levels(twice) == others | {column: "alarm"}
    assert (twice.level, twice.columns[0].confirmed) == ("alarm", True)


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
    assert (found.level, found.columns[0].confirmed) == ("watch", True)


def test_a_difference_below_the_least_is_no_alarm_however_sure():
    found = judge(CALIBRATED, after(7, 14, "x"), settings(informs_effect=0.5, retrains_effect=0.5))
    assert found.level == "quiet"
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


def with_unseen(n_days: int, rows: int = 20) -> dict[str, dict[str, Counts]]:
    """Return days, in the last `n_days` of which some of 400 rows have a category that is new."""
    days = some_days(21, seed=2, first=80)
    for of_day in list(days.values())[21 - n_days :]:
        of_day["c"] = counts(400, [240 - rows, 155, 5], unseen=rows)
    return days


def test_unseen_categories_of_an_open_set_drift_and_two_windows_of_enough_propose_retraining():
    for n_days, rows, level in ((7, 24, "watch"), (14, 24, "alarm"), (14, 8, "watch")):
        found = judge(OPEN, stacked(with_unseen(n_days, rows), OPEN_BINS), settings())
        assert levels(found) == {"x": "quiet", "c": level, "score": "quiet"}
        assert found.columns[0].unseen == "quiet"
        assert Change("(unseen)", 0.0, rows / 400) in found.columns[0].shift.changes


def test_unseen_categories_of_a_closed_set_are_broken_data_and_no_drift():
    for n_days, unseen in ((7, "watch"), (14, "alarm")):
        found = judged(stacked(with_unseen(n_days), BINS))
        assert levels(found) == {"x": "quiet", "c": "quiet", "score": "quiet"}
        assert {each.column: each.unseen for each in found.columns}["c"] == unseen
        assert "unseen" not in {each.measure.kind for each in found.columns[0].findings}


def test_where_most_rows_are_unseen_an_open_set_drifts_as_a_whole_too():
    found = judge(OPEN, stacked(with_unseen(14, 200), OPEN_BINS), settings())
    alarms = {each.measure.kind for each in found.columns[0].findings if each.alarm}
    assert alarms == {"hellinger", "total_variation", "unseen"}


def test_an_open_set_of_too_many_categories_says_that_new_ones_cannot_be_told():
    bins = OPEN_BINS | {"c": replace(OPEN_BINS["c"], whole=False)}
    reference = replace(reference_days(), bins=bins)
    found = judge(
        calibrate(reference, settings(), seed=13), replace(current_days(), bins=bins), settings()
    )
    assert (found.level, levels(found)["c"]) == ("quiet", "quiet")
    assert found.unchecked == (
        Unchecked(
            "reference_has_too_many_categories",
            ("c: unseen",),
            "The reference has too many categories to know them all.",
        ),
    )


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
    drift = settings(quality=quality.model_dump())
    found = judge(OPEN, stacked(days, OPEN_BINS), drift)
    of = {finding.measure.kind: finding for each in found.columns for finding in each.findings}
    assert of["unseen"].figure == pytest.approx(n_unseen / 504, abs=1e-9)
    assert of["unseen"].alarm == alarm


@given(st.integers(1, 40), st.integers(7, 20))
def test_days_like_the_whole_reference_never_drift(times: int, n_days: int):
    same = CALIBRATED.total.repeat(n_days, axis=0) * times
    names = tuple(f"now-{day:02d}" for day in range(n_days))
    found = judged(Days(names, BINS, same))
    assert set(levels(found).values()) == {"quiet"}
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
    assert (found.level, found.window, found.columns) == ("cannot_tell", window, ())
    ((cause, checks, said),) = map(astuple, found.unchecked)
    assert (cause, checks, said) == (
        "too_few_days" if window is None else "too_few_rows",
        ("x", "c", "score"),
        reason,
    )


def test_a_reference_that_cannot_tell_tells_nothing_of_any_window():
    calibration = calibrate(reference_days(20), settings(), seed=13)
    found = judge(calibration, current_days(), settings())
    assert (found.level, found.looks) == ("cannot_tell", {})
    assert found.unchecked == (
        Unchecked("reference_too_small", ("x", "c", "score"), calibration.cannot_tell),
    )


def test_a_column_without_values_cannot_be_told_and_the_others_can():
    days = some_days(7, seed=2, first=80)
    for of_day in days.values():
        of_day["x"] = counts(400, [0, 0, 0, 0, 0], null=400)
        del of_day["c"]
    found = judged(stacked(days, BINS))
    assert levels(found) == {"x": "cannot_tell", "c": "cannot_tell", "score": "quiet"}
    assert {finding.figure for finding in found.columns[-1].findings} == {None}
    assert found.level == "cannot_tell"
    assert found.unchecked == (
        Unchecked("too_few_values", ("c", "x"), "Fewer than 150 rows of the window have a value."),
    )


def test_a_column_that_is_empty_in_the_reference_too_says_so():
    reference, days = some_days(80, seed=1), some_days(21, seed=2, first=80)
    for of_day in [*reference.values(), *days.values()]:
        of_day["x"] = counts(400, [4, 0, 0, 0, 0], null=396)
    found = judge(
        calibrate(stacked(reference, BINS), settings(), seed=13), stacked(days, BINS), settings()
    )
    assert levels(found)["x"] == "cannot_tell"
    assert found.unchecked == (
        Unchecked(
            "reference_has_too_few_values",
            ("x",),
            "Windows of the reference have fewer than 150 rows with a value.",
        ),
    )


def test_few_rows_are_judged_by_what_few_rows_do():
    """80 windows of 301 rows: 5% alarms at most by design, 13% with four binomial deviations."""
    alarms = 0
    for seed in range(80):
        window = current_days(7, seed=100 + seed, rows=43)
        found = judge(CALIBRATED, window, settings(informs_effect=1e-6))
        alarms += found.level != "quiet"
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
