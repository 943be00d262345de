"""Parity: compiled and fitted scores agree on every row, or the graph fails."""

import numpy as np
import pytest

from mooring.errors import ParityError
from mooring.evaluation.parity import parity, refuse_disparity

KEYS = np.array(["a", "b", "c"], dtype=object)
FITTED = np.array([0.1, 0.5, 0.9])


@pytest.mark.parametrize(("shift", "holds"), [(0.0, True), (5e-7, True), (2e-6, False)])
def test_the_largest_difference_is_compared_with_the_tolerance(shift: float, holds: bool) -> None:
    found = parity(FITTED - np.array([0, shift, 0]), FITTED, KEYS, 1e-6)
    assert found["holds"] is holds
    assert found["n"] == 3
    assert found["max_abs_difference"] == pytest.approx(shift, rel=1e-6)
    assert found["worst_key"] == ("b" if shift else "a")


def test_a_difference_equal_to_the_tolerance_passes() -> None:
    assert parity(np.array([0.5]), np.array([0.25]), KEYS[:1], 0.25)["holds"]


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_nan_score_never_passes(side: int, value: float) -> None:
    both = [FITTED.copy(), FITTED.copy()]
    both[side][2] = value
    found = parity(both[0], both[1], KEYS, 1e9)
    assert (found["holds"], found["worst_key"]) == (False, "c")
    assert np.isfinite(found["max_abs_difference"])  # so that it can be written as JSON


def test_two_equal_infinities_do_not_pass() -> None:
    infinite = np.array([np.inf])
    assert not parity(infinite, infinite, KEYS[:1], 1.0)["holds"]


def test_disparity_is_refused_by_row_difference_and_tolerance() -> None:
    refuse_disparity(parity(FITTED, FITTED, KEYS, 1e-6), "models/scorer")
    with pytest.raises(ParityError) as caught:
        refuse_disparity(
            parity(FITTED + np.array([0, 0, 0.25]), FITTED, KEYS, 1e-6), "models/scorer"
        )
    assert str(caught.value) == (
        "models/scorer: compiled and fitted scores differ on 3 held-out rows\n"
        "  expected: at most 1e-06 (gate.parity_atol)\n"
        "  got: 0.25, in row c\n"
        "  fix: choose an estimator that compiles exactly, or raise gate.parity_atol"
    )
