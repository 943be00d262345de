"""The paired bootstrap: the same interval as a plain loop, honest coverage, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm, t
from sklearn.metrics import log_loss, r2_score, roc_auc_score

from mooring.config.metric import METRICS_OF_TASK
from mooring.errors import ModelError
from mooring.metrics.bootstrap import Difference, expanded_tail, paired_bootstrap

METRICS = [metric for metrics in METRICS_OF_TASK.values() for metric in metrics]


def compare(metric, target, challenger, champion, **changed) -> Difference:
    settings = {"blocks": None, "n_resamples": 200, "confidence": 0.95, "seed": 13}
    return paired_bootstrap(metric, target, challenger, champion, **(settings | changed))


def rows(n: int, seed: int, n_days: int = 30, decimals: int = 6):
    """Return target, challenger, champion, day: labels and one model's noise move with the day."""
    random = np.random.default_rng(seed)
    day = np.arange(n) % n_days
    shift, noise = random.normal(size=(2, n_days))
    chance = 1 / (1 + np.exp(1.2 - 0.8 * shift[day]))
    target = (random.random(n) < chance).astype(np.float64)
    signal = random.normal(size=n) + target
    scores = [
        signal + random.normal(size=n) * (0.5 + 0.1 * noise[day]),
        signal + random.normal(size=n) * 0.7,
    ]
    challenger, champion = (
        np.clip(1 / (1 + np.exp(1.5 - each)), 0.001, 0.999).round(decimals) for each in scores
    )
    return target, challenger, champion, day


@pytest.mark.parametrize("by_day", [False, True])
@pytest.mark.parametrize(
    ("metric", "peer", "sign"),
    [("roc_auc", roc_auc_score, 1), ("log_loss", log_loss, -1), ("r2", r2_score, 1)],
)
def test_interval_equals_a_loop_over_scikit_learn_on_the_same_draws(metric, peer, sign, by_day):
    target, challenger, champion, day = rows(1000, seed=1, decimals=2)
    units = day if by_day else np.arange(1000)
    n_units = int(units.max()) + 1
    random = np.random.default_rng(13)
    looped = []
    for _ in range(100):
        drawn = random.integers(0, n_units, size=n_units, dtype=np.uint32)
        weights = np.bincount(drawn, minlength=n_units)[units]
        better, worse = (
            peer(target, scores, sample_weight=weights) for scores in (challenger, champion)
        )
        looped.append(sign * (better - worse))
    tail = expanded_tail(0.95, n_units)
    expected = np.quantile(looped, [tail, 1 - tail])

    blocks = day if by_day else None
    got = compare(metric, target, challenger, champion, blocks=blocks, n_resamples=100)

    assert [got.low, got.high] == pytest.approx(expected, rel=0, abs=1e-12)
    assert got.difference == pytest.approx(
        sign * (peer(target, challenger) - peer(target, champion)), abs=1e-12
    )
    assert got.n_blocks == (30 if by_day else None)


def test_a_resample_draws_every_unit_equally_often():
    """A mean of resampled means: its spread is that of the rows over sqrt(n)."""
    target = np.zeros(400)
    champion = np.random.default_rng(2).normal(size=400)
    got = compare("mae", target, np.zeros(400), np.abs(champion), n_resamples=4000)
    half = 1.96 * np.abs(champion).std() / 20
    assert got.low == pytest.approx(got.difference - half, abs=0.08 * half)
    assert got.high == pytest.approx(got.difference + half, abs=0.08 * half)


@pytest.mark.parametrize("n_units", [7, 30, 1000])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_expanded_tail_is_that_of_a_t_interval(n_units, confidence):
    quantile = t.ppf((1 + confidence) / 2, n_units - 1)
    expected = norm.cdf(-quantile * np.sqrt(n_units / (n_units - 1)))
    assert expanded_tail(confidence, n_units) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n_days", [7, 30])
def test_interval_by_days_has_nominal_coverage(n_days):
    """250 simulated windows: 95% +- 4 points is three binomial deviations."""
    truth = 0.0
    held = 0
    for seed in range(250):
        random = np.random.default_rng(seed)
        day = np.arange(n_days * 20) % n_days
        target = random.normal(size=len(day))
        drift = random.normal(size=n_days)[day]
        champion = target + 1 + 0.1 * random.normal(size=len(day))
        challenger = target + 1 + 0.1 * drift + 0.1 * random.normal(size=len(day))
        got = compare("mae", target, challenger, champion, blocks=day, n_resamples=200)
        held += got.low <= truth <= got.high
    assert 0.91 <= held / 250 <= 0.99


def test_interval_by_rows_has_nominal_coverage():
    """Two models of equal skill: the true difference of ROC AUC is 0."""
    held = 0
    for seed in range(250):
        random = np.random.default_rng(seed)
        target = (np.arange(150) % 4 == 0).astype(np.float64)
        signal = random.normal(size=150) + target
        challenger, champion = signal + 0.5 * random.normal(size=(2, 150))
        got = compare("roc_auc", target, challenger, champion, n_resamples=200)
        held += got.low <= 0 <= got.high
    assert 0.91 <= held / 250 <= 0.99


def test_copies_of_rows_narrow_the_interval_by_rows_and_not_by_days():
    once = rows(3000, seed=8)
    ninefold = tuple(np.tile(values, 9) for values in once)
    width = {}
    for name, (target, challenger, champion, day) in (("once", once), ("nine", ninefold)):
        for blocks in (None, day):
            got = compare("log_loss", target, challenger, champion, blocks=blocks)
            width[name, blocks is None] = got.high - got.low
    assert width["nine", False] == pytest.approx(width["once", False], rel=1e-9)
    assert width["nine", True] == pytest.approx(width["once", True] / 3, rel=0.2)


@pytest.mark.parametrize("metric", ["log_loss", "brier", "mae", "rmse"])
def test_a_smaller_loss_is_a_positive_difference(metric):
    target = np.tile([0.0, 1.0], 50)
    good, bad = np.abs(target - 0.1), np.abs(target - 0.4)
    assert compare(metric, target, good, bad).low > 0


@pytest.mark.parametrize("blocks", [None, np.repeat([100, -5, 7, 8, 9, 10], 20)])
@pytest.mark.parametrize("metric", METRICS)
def test_a_model_against_itself_has_zero_difference(metric, blocks):
    target, scores, _, _ = rows(120, seed=9, n_days=6)
    got = compare(metric, target, scores, scores.copy(), blocks=blocks)
    assert (got.difference, got.low, got.high) == (0.0, 0.0, 0.0)


def test_fewer_than_five_blocks_give_no_interval():
    target, challenger, champion, day = rows(400, seed=1, n_days=4)
    got = compare("roc_auc", target, challenger, champion, blocks=day)
    assert (got.low, got.high, got.n_blocks) == (None, None, 4)
    assert got.difference == pytest.approx(
        roc_auc_score(target, challenger) - roc_auc_score(target, champion)
    )


def test_one_class_has_no_value_and_no_interval():
    got = compare("roc_auc", np.zeros(50), np.arange(50.0), np.arange(50.0))
    assert got == Difference("roc_auc", 50, None, None, None, None, None, None, 0.95)


def test_no_rows_have_no_value_and_no_interval():
    got = compare("brier", np.empty(0), np.empty(0), np.empty(0))
    assert got == Difference("brier", 0, None, None, None, None, None, None, 0.95)


@pytest.mark.parametrize(("n_positives", "has_interval"), [(2, False), (6, True)])
def test_an_interval_needs_95_percent_of_the_resamples(n_positives, has_interval):
    """A resample of 60 rows misses 2 positives with chance 0.13, and 6 with 0.002."""
    target = (np.arange(60) < n_positives).astype(np.float64)
    scores = np.random.default_rng(1).random((2, 60))
    got = compare("roc_auc", target, *scores, n_resamples=1000)
    assert got.difference is not None
    assert (got.low is not None, got.high is not None) == (has_interval, has_interval)


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(ModelError, match="scores not finite"):
        compare("roc_auc", np.array([0.0, 1.0]), np.array([0.1, np.nan]), np.array([0.1, 0.2]))


N_ROWS = 24
SCORES = arrays(np.float64, N_ROWS, elements=st.integers(1, 9).map(lambda tenth: tenth / 10))
TARGET = arrays(np.float64, N_ROWS, elements=st.sampled_from([0.0, 1.0]))
BLOCKS = st.one_of(st.none(), arrays(np.int64, N_ROWS, elements=st.integers(0, 8)))


def negated(value: float | None) -> float | None:
    return None if value is None else -value


@given(st.sampled_from(METRICS), TARGET, SCORES, SCORES, BLOCKS)
def test_swapping_the_models_negates_the_difference(metric, target, first, second, blocks):
    one = compare(metric, target, first, second, blocks=blocks, n_resamples=100)
    other = compare(metric, target, second, first, blocks=blocks, n_resamples=100)
    assert (other.challenger, other.champion) == (one.champion, one.challenger)
    assert other.difference == negated(one.difference)
    assert other.low == pytest.approx(negated(one.high), abs=1e-12)
    assert other.high == pytest.approx(negated(one.low), abs=1e-12)


@given(st.sampled_from(METRICS), TARGET, SCORES, SCORES, BLOCKS, st.permutations(range(N_ROWS)))
def test_the_order_of_rows_changes_no_estimate(metric, target, first, second, blocks, order):
    one = compare(metric, target, first, second, blocks=blocks, n_resamples=100)
    moved = None if blocks is None else blocks[order]
    other = compare(
        metric, target[order], first[order], second[order], blocks=moved, n_resamples=100
    )
    for name in ("challenger", "champion", "difference"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-12)
    if blocks is not None:
        assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=1e-12)
