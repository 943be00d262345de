"""Draws: whole days, none of the window's among those it is compared with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.drift.draws import consecutive_draws, random_draws, thinned


@given(st.integers(1, 9), st.integers(0, 40), st.integers(0, 9))
def test_no_day_of_a_window_is_compared_with_it(window_days: int, more: int, seed: int) -> None:
    n_days = 2 * window_days + more
    for draws in (
        random_draws(n_days, window_days, 5, seed),
        consecutive_draws(n_days, window_days),
    ):
        assert (draws.windows.sum(axis=1) == window_days).all()
        assert not (draws.windows * draws.others).any()
        least = n_days - window_days if draws.kind == "consecutive" else n_days // 2
        assert (draws.others.sum(axis=1) == least).all()


def test_a_draw_stays_with_its_seed() -> None:
    once, again, other = (random_draws(30, 7, 50, seed).windows for seed in (1, 1, 2))
    assert (once == again).all()
    assert (once != other).any()


def test_every_run_of_days_is_drawn_once() -> None:
    windows = consecutive_draws(5, 3).windows
    assert windows.tolist() == [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1]]


def test_every_day_is_drawn_equally_often() -> None:
    drawn = random_draws(20, 5, 4000, seed=3).windows.mean(axis=0)
    assert drawn == pytest.approx(np.full(20, 0.25), abs=5 * np.sqrt(0.25 * 0.75 / 4000))


def test_thinned_windows_scatter_as_so_few_rows_do() -> None:
    cells = np.tile([6000.0, 2000.0, 0.0], (2000, 1))
    seen = thinned(cells, np.full(2000, 8000.0), 400, seed=1)
    assert seen.mean(axis=0) == pytest.approx([300, 100, 0], rel=0.02)
    assert seen[:, 1].var() == pytest.approx(100 * 0.95, rel=0.2)


def test_a_window_of_fewer_rows_loses_none() -> None:
    cells = np.array([[3.0, 2.0], [0.0, 0.0]])
    assert thinned(cells, cells.sum(axis=1), 10, seed=1).tolist() == cells.tolist()
