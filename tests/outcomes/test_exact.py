"""Exact sums: what floats add up to, in whatever order, and rounded so that they keep adding up."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mooring.outcomes.exact import aligned, exact_sums

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(FLOATS, st.integers(0, 2)), max_size=20))
def test_sums_are_those_of_fractions(pairs) -> None:
    values = np.array([value for value, _ in pairs], dtype=np.float64)
    blocks = np.array([block for _, block in pairs], dtype=np.int64)
    expected = [
        sum((Fraction(v) for v, b in pairs if b == block), Fraction(0)) for block in range(3)
    ]
    assert exact_sums(values, blocks, 3) == expected


@given(st.lists(FLOATS.filter(lambda x: abs(x) < 1e100), min_size=1, max_size=50), st.randoms())
def test_aligned_values_add_up_to_the_same_digits_in_any_order(values, random) -> None:
    found = aligned(np.array(values), 64)
    total = sum(found.tolist())
    order = found.tolist()
    random.shuffle(order)
    assert sum(order) == total == float(sum(map(Fraction, found.tolist()), Fraction(0)))


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=50))
def test_alignment_hardly_moves_a_value(values) -> None:
    np.testing.assert_allclose(aligned(np.array(values), 4096), values, atol=1e-12)
