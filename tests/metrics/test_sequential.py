"""The confidence sequence: daily looks keep the false-alarm rate, and a real difference is found."""

import math
from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import beta, binom

from mooring.metrics.sequential import (
    MIN_BLOCKS,
    Contrast,
    Totals,
    blocks_needed,
    boundary,
    contrast,
    every_look,
    share_evidence,
    single_look,
    tuning,
)

ALPHA, TUNED = 0.05, 28
N_DAYS = 100
ROWS = 200
"""A day and model."""


def pairs(gaps: np.ndarray, n: np.ndarray | float = ROWS) -> tuple[Totals, Totals]:
    """Return totals of pairs whose mean differences are `gaps`: the champion's losses less zero."""
    n = np.broadcast_to(np.asarray(n, dtype=np.float64), gaps.shape)
    return Totals(n, gaps * n), Totals(n, np.zeros(gaps.shape))


def until(totals: Totals, n_blocks: int) -> Totals:
    return Totals(totals.n[..., :n_blocks], totals.losses[..., :n_blocks])


def alarms(champion: Totals, challenger: Totals, look=every_look, *settings) -> float:
    """Return the share of experiments in which any daily look from MIN_BLOCKS on leaves 0 out."""
    alarm = np.zeros(champion.n.shape[:-1], dtype=bool)
    for n_blocks in range(MIN_BLOCKS, champion.n.shape[-1] + 1):
        low, high = look(
            contrast(until(champion, n_blocks), until(challenger, n_blocks)), ALPHA, *settings
        )
        alarm |= (low > 0) | (high < 0)
    return float(alarm.mean())


def sequential(champion: Totals, challenger: Totals) -> float:
    return alarms(champion, challenger, every_look, TUNED)


def naive(champion: Totals, challenger: Totals, row_sd: float) -> float:
    """Return the same share for a z-test of rows, which takes each look for the only one."""
    n = np.cumsum(champion.n + challenger.n, axis=-1) / 2
    means = [np.cumsum(each.losses, -1) / np.cumsum(each.n, -1) for each in (champion, challenger)]
    z = (means[0] - means[1]) / (row_sd * np.sqrt(2 / n))
    return float((np.abs(z) > 1.96)[..., MIN_BLOCKS - 1 :].any(axis=-1).mean())


def split(random, n_experiments: int, day_sd: float, own_day_sd: float = 0.0, effect: float = 0.0):
    """Return totals of unpaired rows with sd 1: days shift both models, and each model on its own."""
    shape = (n_experiments, N_DAYS)
    day = random.normal(size=shape) * day_sd
    arms = []
    for gain in (0.0, effect):
        n = random.poisson(ROWS, size=shape).astype(np.float64)
        own = random.normal(size=shape) * own_day_sd / math.sqrt(2)
        arms.append(Totals(n, n * (day + own - gain) + random.normal(size=shape) * np.sqrt(n)))
    return arms


def test_daily_looks_at_equal_rows_keep_the_false_alarm_rate() -> None:
    arms = split(np.random.default_rng(1), 1000, day_sd=0.0)
    assert sequential(*arms) <= ALPHA
    assert naive(*arms, row_sd=1.0) > 3 * ALPHA


def test_daily_looks_at_rows_that_share_a_day_keep_the_false_alarm_rate() -> None:
    """The days differ for each model: a design effect of 1 + 200 × 0.3² / 2 = 10 and more."""
    arms = split(np.random.default_rng(2), 1000, day_sd=1.0, own_day_sd=0.3)
    assert sequential(*arms) <= ALPHA
    assert naive(*arms, row_sd=1.0) > 10 * ALPHA


def test_a_day_that_shifts_both_models_costs_no_certainty() -> None:
    calm, stormy = (
        contrast(*split(np.random.default_rng(3), 50, day_sd=day_sd)) for day_sd in (0.0, 30.0)
    )
    np.testing.assert_allclose(calm.difference, stormy.difference, rtol=0, atol=1e-9)
    np.testing.assert_allclose(calm.variance, stormy.variance, rtol=1e-6)


@pytest.mark.parametrize("n_experiments", [1000, pytest.param(10_000, marks=pytest.mark.prove)])
@pytest.mark.parametrize("size", ["equal", "unequal"])
@pytest.mark.parametrize(
    ("days", "limit"),
    [("normal", 0.05), ("student", 0.05), ("exponential", 0.06), ("correlated", 0.06)],
)
def test_daily_looks_keep_the_false_alarm_rate_for_every_distribution(
    days, limit, size, n_experiments, record_property
) -> None:
    random = np.random.default_rng(4)
    shape = (n_experiments, N_DAYS)
    gaps = {
        "normal": lambda: random.normal(size=shape),
        "student": lambda: random.standard_t(3, size=shape),
        "exponential": lambda: random.exponential(size=shape) - 1,
        "correlated": lambda: correlated(random, shape, 0.3),
    }[days]()
    n = ROWS if size == "equal" else ROWS * random.lognormal(0, 0.5, size=shape)
    rate = sequential(*pairs(gaps, n))
    record_property("experiments", n_experiments)
    record_property("false alarms", rate)
    record_property("limit", limit)
    assert rate <= limit
    assert alarms(*pairs(gaps, n), single_look) > 3 * ALPHA


def correlated(random, shape, correlation: float) -> np.ndarray:
    """Return normal days, each correlated with the day before."""
    days = random.normal(size=shape)
    for day in range(1, shape[-1]):
        fresh = math.sqrt(1 - correlation**2) * days[..., day]
        days[..., day] = correlation * days[..., day - 1] + fresh
    return days


@pytest.mark.parametrize("n_experiments", [500, pytest.param(2000, marks=pytest.mark.prove)])
def test_labels_that_are_late_keep_the_false_alarm_rate(n_experiments, record_property) -> None:
    """At each look the last ten days hold only a part of their rows, and more at the next look."""
    random = np.random.default_rng(5)
    shape = (n_experiments, N_DAYS)
    n = np.full(shape, float(ROWS))
    sums = random.normal(size=shape) * ROWS * 0.1
    arrived = np.minimum(np.arange(1, N_DAYS + 1) / 10, 1.0)
    alarm = np.zeros(shape[0], dtype=bool)
    for today in range(MIN_BLOCKS, N_DAYS + 1):
        share = arrived[:today][::-1]
        part = n[:, :today] * share
        noise = random.normal(size=part.shape) * np.sqrt(part * (1 - share))
        found = contrast(
            Totals(part, sums[:, :today] * share + noise), Totals(part, np.zeros(part.shape))
        )
        low, high = every_look(found, ALPHA, TUNED)
        alarm |= (low > 0) | (high < 0)
    record_property("experiments", n_experiments)
    record_property("false alarms", float(alarm.mean()))
    assert alarm.mean() <= ALPHA


@pytest.mark.parametrize(("effect", "n_days"), [(1.0, 31), (0.75, 49)])
def test_a_difference_in_units_of_a_day_s_spread_is_found_in_time(effect, n_days) -> None:
    gaps = np.random.default_rng(6).normal(size=(2000, n_days)) + effect
    assert sequential(*pairs(gaps)) >= 0.9


def test_a_raised_challenger_share_does_not_bias() -> None:
    """Days grow worse while the challenger gets more: pooled means would blame the challenger."""
    random = np.random.default_rng(7)
    day = np.linspace(0, 1, 60)
    share = np.linspace(0.05, 0.5, 60)
    n = [np.round(1000 * (1 - share)), np.round(1000 * share)]
    champion, challenger = (
        Totals(each, each * day + random.normal(size=60) * np.sqrt(each)) for each in n
    )
    pooled = champion.losses.sum() / n[0].sum() - challenger.losses.sum() / n[1].sum()
    low, high = every_look(contrast(champion, challenger), ALPHA, TUNED)
    assert pooled < -0.1
    assert low < 0 < high
    assert high - low < 0.2


def test_pairs_give_the_mean_over_pairs() -> None:
    random = np.random.default_rng(8)
    n, gaps = random.integers(1, 300, size=30).astype(float), random.normal(size=30)
    found = contrast(*pairs(gaps, n))
    assert found.difference == pytest.approx(np.average(gaps, weights=n), abs=1e-12)


def test_blocks_that_hold_one_model_alone_tell_nothing() -> None:
    random = np.random.default_rng(9)
    champion, challenger = pairs(random.normal(size=40))
    alone = np.concatenate([np.full(25, ROWS), np.zeros(15)])
    left = contrast(champion, Totals(alone, challenger.losses))
    right = contrast(until(champion, 25), until(challenger, 25))
    for field in fields(Contrast):
        assert getattr(left, field.name) == pytest.approx(getattr(right, field.name), abs=1e-12)


@pytest.mark.parametrize("n_blocks", [0, 1])
def test_fewer_than_two_blocks_have_no_difference(n_blocks: int) -> None:
    found = contrast(*pairs(np.zeros(n_blocks)))
    assert np.isnan(found.difference)
    assert np.isnan(single_look(found, ALPHA)).all()
    assert blocks_needed(found, ALPHA, TUNED, 1000) is None


def test_equal_models_have_an_empty_interval() -> None:
    found = contrast(*pairs(np.zeros(30)))
    assert every_look(found, ALPHA, TUNED) == (0.0, 0.0)


def test_the_sequence_is_infinite_where_the_boundary_needs_more_blocks() -> None:
    random = np.random.default_rng(10)
    few = every_look(contrast(*pairs(random.normal(size=5))), ALPHA, TUNED)
    one_outweighs = every_look(
        contrast(*pairs(random.normal(size=40), np.where(np.arange(40) == 7, 1e6, 1.0))),
        ALPHA,
        TUNED,
    )
    assert few == one_outweighs == (-math.inf, math.inf)


def test_the_sequence_becomes_the_published_one() -> None:
    """Theorem 2.2: mean ± sd sqrt(2 (t rho² + 1) / (t² rho²) log(sqrt(t rho² + 1) / alpha))."""
    t = 20_000
    gaps = np.random.default_rng(11).normal(size=t)
    low, high = every_look(contrast(*pairs(gaps)), ALPHA, TUNED)
    rho2 = tuning(ALPHA) / TUNED
    inside = 2 * (t * rho2 + 1) / (t**2 * rho2) * math.log(math.sqrt(t * rho2 + 1) / ALPHA)
    inflation = max(1, 1 + 2 * np.corrcoef(gaps[1:], gaps[:-1])[0, 1])
    half = gaps.std() * math.sqrt(inside * inflation)
    assert (low, high) == pytest.approx((gaps.mean() - half, gaps.mean() + half), rel=2e-3)


def test_the_sequence_uses_the_variance_around_the_tested_value() -> None:
    """The bounds are where the score test changes its mind, whatever the weights."""
    random = np.random.default_rng(12)
    gaps, n = random.normal(size=40), random.lognormal(3, 0.5, size=40)
    found = contrast(*pairs(gaps, n))
    shares = n / n.sum()
    squared = found.inflation * boundary(found.effective_blocks, ALPHA, TUNED) ** 2
    for bound in every_look(found, ALPHA, TUNED):
        around = ((shares * (gaps - bound)) ** 2).sum()
        assert (found.difference - bound) ** 2 == pytest.approx(squared * around, rel=1e-9)


def test_the_boundary_is_narrowest_where_it_is_tuned() -> None:
    at = [float(boundary(np.full(1, 28.0), ALPHA, tuned)[0]) for tuned in (20, 26, 28, 30, 40)]
    assert min(at) == at[2]


def test_a_single_look_is_student_s_interval() -> None:
    gaps = np.array([0.1, -0.2, 0.3, -0.1, 0.2])
    low, high = single_look(contrast(*pairs(gaps)), ALPHA)
    half = 2.776445105 * gaps.std(ddof=1) / math.sqrt(5)
    assert (low, high) == pytest.approx((gaps.mean() - half, gaps.mean() + half), rel=1e-9)


def test_the_forecast_is_when_the_sequence_leaves_zero_out() -> None:
    gaps = np.tile([0.9, -0.4, 0.6, -0.1], 200)
    needed = blocks_needed(contrast(*pairs(gaps[:24])), ALPHA, TUNED, 1000)
    assert needed is not None
    at = {n: every_look(contrast(*pairs(gaps[:n])), ALPHA, TUNED)[0] for n in (needed - 4, needed)}
    assert at[needed - 4] <= 0 <= at[needed] + 0.02


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_the_evidence_against_a_share_is_the_ratio_of_likelihoods(share: float) -> None:
    n, hits = 300, 70
    chances = np.linspace(0, 1, 200_001)
    density = beta.pdf(chances, 1000 * share, 1000 * (1 - share))
    mixed = np.trapezoid(binom.pmf(hits, n, chances) * density, chances)
    assert share_evidence(hits, n, share) == pytest.approx(mixed / binom.pmf(hits, n, share))


def test_a_wrong_share_is_detected_and_a_right_one_is_not() -> None:
    random = np.random.default_rng(13)
    looks = np.arange(1000, 60_001, 1000)
    accused = {}
    for chance in (0.5, 0.47):
        hits = np.cumsum(random.binomial(1000, chance, size=(300, 60)), axis=1)
        worst = [
            max(share_evidence(int(h), int(n), 0.5) for h, n in zip(row, looks, strict=True))
            for row in hits
        ]
        accused[chance] = np.mean(np.array(worst) > 1000)
    assert accused[0.5] <= 0.01
    assert accused[0.47] == 1.0
