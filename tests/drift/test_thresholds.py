"""Calibration: thresholds from the reference alone, or why there are none."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.drift.days import stacked
from mooring.drift.thresholds import SCORE, calibrate, window_sizes
from mooring.profiles import sketches
from tests.support.drifting import BINS, reference_days, settings, some_days

CALIBRATED = calibrate(reference_days(), settings(), seed=13)


def test_scores_are_a_signal_of_their_own_and_alpha_is_shared():
    columns = {
        name: {measure.column for measure in signal.measures}
        for name, signal in CALIBRATED.signals.items()
    }
    assert columns == {"distribution": {"x", "c"}, "score": {"score"}}
    assert [signal.alpha for signal in CALIBRATED.signals.values()] == [0.025, 0.025]


def test_scores_are_in_the_column_that_profiles_keep_them_in():
    assert SCORE == sketches.SCORE


def test_without_scores_the_inputs_have_all_of_alpha():
    shares = {"x": (0.2,) * 5}
    reference = stacked(some_days(60, seed=1, shares=shares), {"x": BINS["x"]})
    signals = calibrate(reference, settings(), seed=13).signals
    assert [(name, signal.alpha) for name, signal in signals.items()] == [("distribution", 0.05)]


def test_sizes_fall_from_the_usual_rows_to_the_fewest():
    sizes = [size.rows for size in CALIBRATED.signals["distribution"].sizes]
    assert sizes == [2800, 2035, 1479, 1075, 781, 568, 413, 300]


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_size_is_at_most_sqrt_2_times_the_next(one: int, other: int):
    sizes = window_sizes(max(one, other), min(one, other))
    assert (sizes[0], sizes[-1]) == (max(one, other), min(one, other))
    assert all(
        next_ < size <= np.sqrt(2) * (next_ + 1) for size, next_ in itertools.pairwise(sizes)
    )


def test_fewer_rows_scatter_more():
    signal = CALIBRATED.signals["distribution"]
    scatters = [measure.kind != "unseen" for measure in signal.measures]
    few, many = signal.sizes[-1].nulls, signal.sizes[0].nulls
    for kind in range(2):
        assert (few[kind].medians > many[kind].medians)[scatters].all()


def test_the_same_seed_gives_the_same_thresholds_and_another_seed_others():
    def thresholds(seed: int) -> list[float]:
        signals = calibrate(reference_days(), settings(), seed).signals.values()
        return [null.threshold for each in signals for size in each.sizes for null in size.nulls]

    assert thresholds(13) == thresholds(13) != thresholds(14)


@pytest.mark.parametrize(
    ("n_days", "changes", "reason"),
    [
        (45, {}, "The reference has 45 days, fewer than the 46 needed to set thresholds."),
        (
            45,
            {"window_days": 30},
            "The reference has 45 days, fewer than the 69 needed to set thresholds.",
        ),
        (
            80,
            {"alpha": 0.005},
            "The reference has 80 days, fewer than the 406 needed to set thresholds.",
        ),
        (
            80,
            {"min_rows": 2801},
            "The reference's windows have 2800 rows, fewer than the 2801 needed.",
        ),
        (0, {}, "The reference has 0 days, fewer than the 46 needed to set thresholds."),
    ],
)
def test_too_little_sets_no_threshold_and_says_why(n_days, changes, reason):
    found = calibrate(reference_days(n_days), settings(**changes), seed=13)
    assert (found.signals, found.cannot_tell) == ({}, reason)


def test_blocks_of_rows_do_where_there_are_no_days():
    blocks = {f"block-{number:03d}": day for number, day in enumerate(some_days(60, 1).values())}
    assert calibrate(stacked(blocks, BINS), settings(), seed=13).cannot_tell is None


def test_few_draws_are_said():
    found = calibrate(reference_days(500), settings(alpha=0.009, n_draws=100), seed=13)
    assert found.cannot_tell == "100 draws are fewer than the 223 that alpha needs."
