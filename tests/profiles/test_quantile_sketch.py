"""KLL without random bits: read by whylogs_sketching, as exact as its own, and the same bytes each time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mooring.profiles.engine import kll_doubles_sketch
from mooring.profiles.quantile_sketch import K, merged_sketch, sketch_of

KLL_ERROR = kll_doubles_sketch.get_normalized_rank_error(K, True)
"""0.35%: what whylogs_sketching publishes as the error of 99 sketches of 100, of a difference of ranks."""
ROUNDING = 1e-12
SIZES = st.one_of(st.integers(1, 30), st.integers(K - 2, K + 2), st.integers(1, 9 * K))
N_DISTINCT = st.sampled_from([1, 3, 40, 10**6])
SEEDS = st.integers(0, 2**32 - 1)
RANKS = [0.0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1.0]


def drawn(seed, n, n_distinct=10**6):
    draw = np.random.default_rng(seed)
    values = draw.integers(-(n_distinct // 2), n_distinct // 2 + 1, n)
    return np.sort(values * draw.choice([1e-300, 1.0, 1e140]))


def whylogs_own(values):
    sketch = kll_doubles_sketch(K)
    sketch.update(array=values)
    return sketch


def rank_error(sketch, ordered):
    """Return by how much a rank is off at most, of those of some 500 values."""
    points = np.unique(ordered)
    points = points[:: 1 + len(points) // 500]
    shares = np.cumsum(sketch.get_pmf(points.tolist()))[:-1]
    return np.abs(shares - np.searchsorted(ordered, points) / len(ordered)).max()


def figures(sketch):
    return sketch.get_n(), sketch.get_min_value(), sketch.get_max_value()


def half_a_block(n):
    height = next(height for height in range(60) if n >> height <= K)
    return 2**height / 2 / n


@settings(max_examples=150, deadline=None)
@given(SEEDS, SIZES, N_DISTINCT)
def test_ranks_are_off_by_half_a_block_at_most(seed, n, n_distinct):
    ordered = drawn(seed, n, n_distinct)
    sketch = sketch_of(ordered)
    assert figures(sketch) == (n, ordered[0], ordered[-1])
    assert rank_error(sketch, ordered) <= (half_a_block(n) if n > K else 0) + ROUNDING


@pytest.mark.parametrize("n", [K, K + 1, 3 * K, 10**5, 10**6])
def test_the_rank_error_is_no_larger_than_that_of_kll(n):
    ordered = drawn(5, n)
    assert half_a_block(n) <= 1 / K < kll_doubles_sketch.get_normalized_rank_error(K, False)
    assert rank_error(sketch_of(ordered), ordered) <= half_a_block(n) + ROUNDING
    assert sketch_of(ordered).get_num_retained() <= max(whylogs_own(ordered).get_num_retained(), K)


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.integers(1, K), N_DISTINCT)
def test_up_to_k_values_it_says_what_whylogs_own_says(seed, n, n_distinct):
    ordered = drawn(seed, n, n_distinct)
    ours, theirs = sketch_of(ordered), whylogs_own(ordered)
    splits = np.unique(ordered).tolist()
    assert ours.get_quantiles(RANKS) == theirs.get_quantiles(RANKS)
    assert ours.get_pmf(splits) == theirs.get_pmf(splits)


def test_no_values_make_an_empty_sketch():
    for sketch in (
        sketch_of(np.empty(0)),
        merged_sketch([]),
        merged_sketch([sketch_of(np.empty(0))]),
    ):
        assert sketch.is_empty()
        assert sketch.serialize() == kll_doubles_sketch(K).serialize()


@pytest.mark.parametrize("n", [0, 1, 2, K, K + 1, 10**6])
def test_a_sketch_survives_its_bytes(n):
    ordered = drawn(3, n)
    content = sketch_of(ordered).serialize()
    again = kll_doubles_sketch.deserialize(content)
    assert again.get_n() == n
    assert again.serialize() == content == sketch_of(ordered).serialize()


def test_extremes_are_kept_to_the_last_digit():
    ordered = np.array([-1e150, -5e-324, 5e-324, 0.1, 1e150])
    assert figures(sketch_of(np.repeat(ordered, 1000))) == (5000, -1e150, 1e150)
    assert sketch_of(ordered).get_quantiles([0.0, 0.3, 0.5, 0.7, 1.0]) == ordered.tolist()


@st.composite
def parts(draw):
    """Return sketches of parts, some of them whylogs' own, and all their values in order."""
    sizes = draw(st.lists(st.one_of(st.just(0), SIZES), min_size=1, max_size=6))
    seed, n_distinct = draw(SEEDS), draw(N_DISTINCT)
    values = [drawn(seed + number, n, n_distinct) for number, n in enumerate(sizes)]
    makers = draw(st.lists(st.sampled_from([sketch_of, whylogs_own]), min_size=6, max_size=6))
    return [make(part) for make, part in zip(makers, values, strict=False)], np.sort(
        np.concatenate(values)
    )


@settings(max_examples=150, deadline=None)
@given(parts())
def test_merged_sketches_are_a_sketch_of_all_values(given_parts):
    sketches, ordered = given_parts
    before = [sketch.serialize() for sketch in sketches]
    whole = merged_sketch(sketches)
    assert [sketch.serialize() for sketch in sketches] == before
    assert merged_sketch(sketches).serialize() == whole.serialize()
    assert whole.get_n() == len(ordered)
    if ordered.size:
        assert figures(whole) == (len(ordered), ordered[0], ordered[-1])
        assert rank_error(whole, ordered) <= KLL_ERROR


@settings(max_examples=150, deadline=None)
@given(parts(), SEEDS)
def test_whylogs_own_merge_and_update_go_on_from_it(given_parts, seed):
    sketches, ordered = given_parts
    more = drawn(seed, 3000)
    whole = merged_sketch(sketches)
    whole.update(array=more)
    for sketch in sketches:
        whole.merge(sketch)
    everything = np.sort(np.concatenate([ordered, ordered, more]))
    assert figures(whole) == (len(everything), everything[0], everything[-1])
    assert rank_error(whole, everything) <= KLL_ERROR


@pytest.mark.parametrize("n", [50, 900, 3000])
@pytest.mark.parametrize("same", [False, True], ids=["new values", "the same values"])
def test_a_day_of_many_flushes_keeps_the_rank_error_of_kll(n, same):
    flushes = [drawn(0 if same else number, n) for number in range(300)]
    whole = sketch_of(flushes[0])
    for flush in flushes[1:]:
        whole = merged_sketch([whole, sketch_of(flush)])
    ordered = np.sort(np.concatenate(flushes))
    assert figures(whole) == (len(ordered), ordered[0], ordered[-1])
    assert rank_error(whole, ordered) <= KLL_ERROR
