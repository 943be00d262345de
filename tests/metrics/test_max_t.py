"""Nulls: a further draw exceeds the threshold in alpha of cases, however measures depend."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.metrics.max_t import fit_null, least_draws

FLOOR = 1e-3


@given(st.integers(0, 99), st.sampled_from([0.01, 0.025, 0.05, 0.2]), st.integers(1, 5))
def test_at_most_alpha_of_the_draws_exceed_the_threshold(seed, alpha, n_measures):
    random = np.random.default_rng(seed)
    figures = random.exponential(size=(least_draws(alpha) + seed, n_measures))
    null = fit_null(figures, alpha, FLOOR)
    largest = null.standardised(figures).max(axis=1)
    assert (largest > null.threshold).sum() <= alpha * (len(figures) + 1)
    assert sorted(largest) == null.largest.tolist()
    assert 0 < null.p_values(largest).min() <= null.p_values(largest).max() <= 1


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_a_further_draw_exceeds_it_in_alpha_of_cases(correlation):
    """400 families of 12: 5% +- 3 points is three binomial deviations."""
    random, exceeded = np.random.default_rng(5), 0
    for _ in range(400):
        shared = random.normal(size=(200, 1))
        own = random.normal(size=(200, 12)) * [1, 1, 1, 1, 5, 5, 5, 5, 9, 9, 9, 9]
        figures = np.abs(correlation * shared + np.sqrt(1 - correlation**2) * own)
        null = fit_null(figures[1:], 0.05, FLOOR)
        exceeded += null.standardised(figures[:1]).max() > null.threshold
    assert 0.02 <= exceeded / 400 <= 0.08


def test_measures_of_any_size_count_alike():
    figures = np.random.default_rng(6).exponential(size=(300, 2))
    wide = fit_null(figures * [1, 100], 0.05, FLOOR)
    assert fit_null(figures, 0.05, FLOOR).threshold == pytest.approx(wide.threshold)


def test_a_p_value_is_the_share_of_draws_that_reach_the_figure():
    null = fit_null(np.arange(1.0, 100.0)[:, None], 0.05, FLOOR)
    z = null.standardised(np.array([[50.0], [99.0], [100.0], [0.0]]))
    assert null.p_values(z)[:, 0].tolist() == pytest.approx([0.51, 0.02, 0.01, 1.0])
    assert null.threshold == pytest.approx(null.standardised(np.array([[95.0]]))[0, 0])


def test_a_measure_that_never_moves_has_a_least_scale():
    null = fit_null(np.zeros((40, 1)), 0.05, FLOOR)
    assert (null.scales.tolist(), null.threshold) == ([0.001], 0.0)


def test_a_measure_with_too_few_figures_is_not_judged():
    figures = np.random.default_rng(7).exponential(size=(100, 2))
    figures[15:, 1] = np.nan
    null = fit_null(figures, 0.05, FLOOR)
    assert null.scales[1] == np.inf
    assert null.standardised(np.array([[0.0, 1e9]]))[0, 1] == 0
    assert null.threshold == fit_null(figures[:, :1], 0.05, FLOOR).threshold


@pytest.mark.parametrize(("alpha", "least"), [(0.05, 20), (0.025, 40), (0.3, 4)])
def test_a_threshold_needs_one_draw_in_alpha(alpha, least):
    assert least_draws(alpha) == least
