"""Measures: 0 where nothing differs, what their names promise elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import ks_2samp, mannwhitneyu

from mooring.drift.days import stacked
from mooring.drift.measures import (
    Measure,
    flaw_measures,
    flaws,
    hellinger,
    is_flaw,
    ks,
    mean_rank_shift,
    shape_measures,
    shapes,
    shares,
    total_variation,
)
from tests.support.drifting import BINS, counts

COUNTS = arrays(np.float64, (1, 6), elements=st.integers(0, 40).map(float)).filter(np.any)


def of_day(**columns):
    return stacked({"2024-01-01": columns}, BINS)


@given(COUNTS)
def test_what_is_alike_differs_by_nothing(window):
    p, twice = shares(window), shares(2 * window)
    for measure in (hellinger, ks, total_variation, mean_rank_shift):
        assert measure(p, twice)[0] == pytest.approx(0, abs=1e-12)


@given(COUNTS, COUNTS)
def test_every_measure_is_within_its_bounds(window, reference):
    p, r = shares(window), shares(reference)
    for measure in (hellinger, ks, total_variation):
        assert 0 <= measure(p, r)[0] <= 1 + 1e-12
        assert measure(p, r)[0] == pytest.approx(measure(r, p)[0], abs=1e-12)
    assert -0.5 <= mean_rank_shift(p, r)[0] <= 0.5
    assert mean_rank_shift(p, r)[0] == pytest.approx(-mean_rank_shift(r, p)[0], abs=1e-12)
    assert ks(p, r)[0] <= total_variation(p, r)[0] + 1e-12


@given(COUNTS, COUNTS)
def test_numbers_in_bins_of_their_own_give_what_scipy_does(window, reference):
    values = [np.repeat(np.arange(6.0), each[0].astype(int)) for each in (window, reference)]
    p, r = shares(window), shares(reference)
    assert ks(p, r)[0] == pytest.approx(ks_2samp(*values, method="asymp").statistic, abs=1e-12)
    pairs = len(values[0]) * len(values[1])
    u = (
        mannwhitneyu(*values, method="asymptotic").statistic
        if np.ptp(np.concatenate(values))
        else pairs / 2
    )
    assert mean_rank_shift(p, r)[0] == pytest.approx(u / pairs - 0.5, abs=1e-12)


def test_hellinger_is_1_where_nothing_is_shared():
    assert hellinger(shares(np.array([[3.0, 0]])), shares(np.array([[0, 7.0]]))).tolist() == [1]


def test_a_number_and_a_category_have_three_measures_each():
    days = of_day()
    assert shape_measures(days, ["x", "c"]) == (
        Measure("x", "hellinger"),
        Measure("x", "ks"),
        Measure("x", "rank_shift"),
        Measure("c", "hellinger"),
        Measure("c", "total_variation"),
        Measure("c", "unseen"),
    )


@pytest.mark.parametrize(("is_open", "moved"), [(True, 0.1), (False, 0.0)])
def test_unseen_categories_are_part_of_the_distribution_of_an_open_set_alone(is_open, moved):
    window = of_day(c=counts(40, [18, 18, 0], unseen=4))
    window = replace(window, bins=BINS | {"c": replace(BINS["c"], open=is_open)})
    reference = of_day(c=counts(10, [5, 5, 0]))
    measures = [Measure("c", "total_variation"), Measure("c", "unseen")]
    found = shapes(window, measures, window.cells, reference.cells, 1)
    assert found.tolist() == [[pytest.approx(moved), pytest.approx(0.1)]]
    assert [is_flaw(window, measure) for measure in measures] == [False, not is_open]


def test_a_share_of_unseen_categories_that_nobody_can_know_has_no_figure():
    window = of_day(c=counts(40, [18, 18, 4]))
    window = replace(window, bins=BINS | {"c": replace(BINS["c"], whole=False)})
    measures = [Measure("c", "total_variation"), Measure("c", "unseen")]
    found = shapes(window, measures, window.cells, window.cells, 1)
    assert (found[0, 0], np.isnan(found[0, 1])) == (0, True)


def test_a_column_with_too_few_values_has_no_figure():
    window = of_day(x=counts(10, [4, 0, 0, 0, 0], null=6))
    measures = shape_measures(window, ["x"])
    assert np.isnan(shapes(window, measures, window.cells, window.cells, 5)).all()
    assert (shapes(window, measures, window.cells, window.cells, 4) == 0).all()


def test_flaws_are_shares_of_rows_beyond_the_reference():
    reference = of_day(x=counts(100, [90, 0, 0, 0, 0], null=10), c=counts(100, [100, 0, 0]))
    window = of_day(
        x=counts(50, [25, 0, 0, 0, 0], null=20, inf=5), c=counts(40, [38, 0, 0], unseen=2)
    )
    measures = flaw_measures(window)
    found = dict(
        zip(measures, flaws(window, measures, window.cells, reference.cells)[0], strict=True)
    )
    assert {measure: value for measure, value in found.items() if value} == {
        Measure("x", "null"): pytest.approx(0.3),
        Measure("x", "inf"): pytest.approx(0.1),
        Measure("c", "unseen"): pytest.approx(0.04),
        Measure("c", "absent"): pytest.approx(0.2),
        Measure("", "few"): pytest.approx(0.5),
    }


def test_a_fall_of_nulls_is_a_flaw_and_a_column_that_did_not_come_is_none():
    reference = of_day(x=counts(100, [90, 0, 0, 0, 0], null=10), c=counts(100, [100, 0, 0]))
    measures = [Measure("x", "filled"), Measure("x", "null")]
    for x, filled in (
        ({"x": counts(50, [50, 0, 0, 0, 0])}, 0.1),
        ({"x": counts(50, [48, 0, 0, 0, 0], null=2)}, 0.06),
        ({}, 0.0),
    ):
        window = of_day(c=counts(50, [50, 0, 0]), **x)
        found = flaws(window, measures, window.cells, reference.cells)
        assert found.tolist() == [[pytest.approx(filled), 0]]


def test_twice_the_rows_are_many_as_half_of_them_are_few():
    days = stacked(
        {"a": {"x": counts(100, [100, 0, 0, 0, 0])}, "b": {"x": counts(200, [200, 0, 0, 0, 0])}},
        BINS,
    )
    measures = (Measure("", "few"), Measure("", "many"))
    assert flaws(days, measures, days.cells[:1], days.cells[1:]).tolist() == [[0.5, 0]]
    assert flaws(days, measures, days.cells[1:], days.cells[:1]).tolist() == [[0, 0.5]]
