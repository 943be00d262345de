"""Quality: data problems by name and column, compared with the worst day of the reference."""

from dataclasses import replace

import numpy as np
import pytest

from mooring.drift.days import Days, stacked
from mooring.drift.levels import Unchecked
from mooring.drift.measures import Measure
from mooring.drift.quality import DataQuality, calibrate_quality, judge_quality
from tests.support.drifting import BINS, counts, current_days, reference_days, settings, some_days

CALIBRATED = calibrate_quality(reference_days(), settings(), seed=13)


def judged(days: Days) -> DataQuality:
    return judge_quality(CALIBRATED, days, settings())


def spoilt(column: str, value, on=(2,), n_days: int = 3) -> Days:
    """Return days in which a column has other counts on some; None where it is absent."""
    days = some_days(n_days, seed=2, first=80)
    for number, of_day in enumerate(days.values()):
        if number in on:
            if value is None:
                del of_day[column]
            else:
                of_day[column] = value
    return stacked(days, BINS)


def test_days_like_those_of_the_reference_are_quiet():
    found = judged(current_days(30))
    assert (found.level, found.flaws, found.unchecked) == ("quiet", (), ())
    assert (found.day, found.rows) == ("2024-04-19", 400)


@pytest.mark.parametrize(
    ("column", "value", "kind", "share"),
    [
        ("c", counts(400, [230, 164, 4], unseen=2), "unseen", 0.005),
        ("x", counts(400, [60, 60, 60, 60, 60], null=100), "null", 0.23),
        ("x", counts(400, [80, 80, 80, 80, 80]), "filled", 0.02),
        ("x", counts(400, [77, 77, 78, 78, 78], null=8, inf=4), "inf", 0.01),
        ("score", None, "absent", 1.0),
    ],
)
def test_a_data_problem_is_named_and_two_days_of_three_confirm_it(column, value, kind, share):
    for on, level in (
        ((2,), "watch"),
        ((0, 2), "alarm"),
        ((0, 1), "alarm"),
        ((0,), "quiet"),
    ):
        found = judged(spoilt(column, value, on))
        assert found.level == level
        assert [flaw.measure for flaw in found.flaws] == [Measure(column, kind)][: level != "quiet"]
        if 2 in on:
            assert found.flaws[0].share == pytest.approx(share, abs=0.005)
            assert found.flaws[0].share > found.flaws[0].worst


@pytest.mark.parametrize(("rows", "kind", "share"), [(180, "few", 0.55), (1200, "many", 2 / 3)])
def test_a_day_of_other_volume_is_named(rows: int, kind: str, share: float):
    days = some_days(2, seed=2, first=80) | some_days(1, seed=3, first=82, rows=rows)
    found = judged(stacked(days, BINS))
    assert [flaw.measure for flaw in found.flaws] == [Measure("", kind)]
    assert found.flaws[0].share == pytest.approx(share)


def test_a_day_without_rows_is_of_too_few_and_no_column_can_be_told():
    days = some_days(1, seed=2, first=80) | some_days(1, seed=2, first=82)
    every = stacked(days, BINS)
    found = judged(Days(every.names[:2], BINS, every.cells[:2]))
    assert [flaw.measure for flaw in found.flaws] == [Measure("", "few")]
    assert found.level == "watch"
    (unchecked,) = found.unchecked
    assert unchecked.reason == "0 rows on 2024-03-22, fewer than the 42 needed."
    assert unchecked.checks == tuple(map(str, found.measures[:-2]))
    assert np.isnan(found.figures[-1]).sum() == len(found.measures) - 2


def test_a_day_of_too_few_rows_is_not_called_quiet():
    days = some_days(20, seed=2, first=80, rows=60) | some_days(1, seed=2, first=100, rows=41)
    reference = calibrate_quality(reference_days(rows=60), settings(), seed=13)
    found = judge_quality(reference, stacked(days, BINS), settings())
    assert (found.level, found.flaws) == ("cannot_tell", ())
    (unchecked,) = found.unchecked
    assert (unchecked.cause, unchecked.reason) == (
        "too_few_rows",
        "41 rows on 2024-04-10, fewer than the 42 needed.",
    )
    assert unchecked.checks == (
        *("x: inf", "x: null", "x: filled", "x: absent"),
        *("c: unseen", "c: null", "c: filled", "c: absent"),
        *("score: inf", "score: null", "score: filled", "score: absent"),
    )


@pytest.mark.parametrize("is_open", [False, True])
def test_only_a_closed_set_has_unseen_categories(is_open: bool):
    bins = BINS | {"c": replace(BINS["c"], open=is_open)}
    calibration = calibrate_quality(replace(reference_days(), bins=bins), settings(), seed=13)
    days = replace(spoilt("c", counts(400, [230, 164, 4], unseen=2), (1, 2)), bins=bins)
    found = judge_quality(calibration, days, settings())
    assert found.level == ("quiet" if is_open else "alarm")


def test_a_closed_set_of_too_many_categories_says_that_new_ones_cannot_be_told():
    bins = BINS | {"c": replace(BINS["c"], whole=False)}
    calibration = calibrate_quality(replace(reference_days(), bins=bins), settings(), seed=13)
    found = judge_quality(calibration, replace(current_days(), bins=bins), settings())
    assert (found.level, found.flaws) == ("quiet", ())
    assert found.unchecked == (
        Unchecked(
            "reference_has_too_many_categories",
            ("c: unseen",),
            "The reference has too many categories to know them all.",
        ),
    )


def test_what_the_reference_has_seen_is_no_alarm():
    reference = some_days(80, seed=1)
    reference["2024-01-20"]["x"] = counts(400, [60, 60, 60, 60, 60], null=100)
    calibration = calibrate_quality(stacked(reference, BINS), settings(), seed=13)
    days = spoilt("x", counts(400, [62, 62, 62, 62, 62], null=90))
    assert judge_quality(calibration, days, settings()).level == "quiet"
    assert judged(days).level == "watch"


def test_few_rows_are_compared_with_what_few_rows_do():
    """60 days of 50 rows, 2% of them missing: one null in 50 is no alarm."""
    found = judged(current_days(60, rows=50))
    columns = [bool(measure.column) for measure in found.measures]
    assert found.alarms[:, columns].any(axis=1).mean() <= 0.15
    assert found.figures[:, columns].max() >= 0.05


def test_too_few_days_cannot_tell_and_say_why():
    calibration = calibrate_quality(reference_days(19), settings(), seed=13)
    found = judge_quality(calibration, current_days(), settings())
    assert found.level == "cannot_tell"
    reason = "The reference has 19 days, fewer than the 20 needed."
    names = tuple(map(str, found.measures))
    assert found.unchecked == (Unchecked("reference_too_small", names, reason),)
    assert not found.alarms.any()


def test_no_days_cannot_tell():
    found = judged(current_days(0))
    assert (found.level, found.day) == ("cannot_tell", None)
    assert [each.reason for each in found.unchecked] == ["There are no days."]


def test_false_alarms_on_single_days_are_about_as_rare_as_asked():
    found = judged(current_days(400, seed=9))
    assert found.alarms.any(axis=1).mean() <= 0.1
