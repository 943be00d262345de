"""Conversions: another unit is told from drift, by where a column's values lie and how they spread."""

from typing import Any

import numpy as np
import pytest

from mooring.drift.conversions import CONVERSIONS, Explanation, Sample, candidates, explanation
from mooring.drift.draws import consecutive_draws, random_draws

N_DAYS, WINDOW, ROWS = 90, 7, 200
DRAWS = (random_draws(N_DAYS, WINDOW, 199, seed=1), consecutive_draws(N_DAYS, WINDOW))
BY_NAME = {each.looks_like: each for each in CONVERSIONS}
TEMPERATURE, DISTANCE, TEXT = "degrees Fahrenheit", "miles", "ratio"


def days(n_days: int, seed: int, mean: float = 50.0, spread: float = 6.0) -> list[Any]:
    """Return the values of days, which differ more from each other than within themselves."""
    random = np.random.default_rng(seed)
    return [random.normal(random.normal(mean, 8.0), spread, ROWS) for _ in range(n_days)]


def sample(values: list[Any]) -> Sample:
    whole = np.sort(np.concatenate(values))
    return Sample(
        rows=np.array([len(each) for each in values], dtype=float),
        variances=np.array([each.var() for each in values]),
        mean=float(whole.mean()),
        cdf=lambda points: np.searchsorted(whole, points, side="right") / len(whole),
    )


def explained(reference: list[Any], window: list[Any], unit: str) -> Explanation | None:
    known = np.concatenate(reference)
    return explanation(
        sample(reference),
        sample(window),
        edges=np.unique(np.quantile(known, np.arange(1, 20) / 20)),
        conversions=candidates(unit),
        draws=DRAWS,
        alpha=0.05,
    )


def converted(values: list[Any], name: str, share: float, seed: int = 3) -> list[Any]:
    random, (_, factor, offset, _) = np.random.default_rng(seed), BY_NAME[name]
    return [
        np.where(random.random(len(each)) < share, factor * each + offset, each) for each in values
    ]


@pytest.mark.parametrize(
    ("unit", "names"),
    [
        (TEMPERATURE, {"degrees Celsius"}),
        ("°C", {"degrees Fahrenheit"}),
        ("miles per hour", {"kilometres"}),
        ("km/h", {"miles"}),
        ("minutes after midnight", {"hours"}),
        ("hours", {"minutes"}),
        ("0 to 23", set()),
    ],
)
def test_only_the_conversions_of_a_unit_are_looked_for_and_factors_of_ten(unit, names):
    tens = {each.looks_like for each in CONVERSIONS if not each.of}
    assert {each.looks_like for each in candidates(unit)} == names | tens
    assert len(tens) == 6


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        (TEMPERATURE, "degrees Celsius"),
        ("degrees Celsius", "degrees Fahrenheit"),
        *((TEXT, f"values multiplied by {by}") for by in (10, 1000)),
        *((TEXT, f"values divided by {by}") for by in (10, 100)),
    ],
)
@pytest.mark.parametrize("share", [1.0, 0.35])
def test_a_changed_unit_is_named_with_the_share_of_values_that_have_it(unit, name, share):
    reference = days(N_DAYS, seed=1, mean=100.0)
    found = explained(reference, converted(days(WINDOW, seed=2, mean=100.0), name, share), unit)
    assert found is not None
    assert found.conversion == BY_NAME[name]
    assert found.share == pytest.approx(share, abs=0.1)


def test_kilometres_are_told_where_days_are_alike():
    random = np.random.default_rng(5)
    reference, window = (
        [random.gamma(2.0, 500.0, ROWS) for _ in range(n_days)] for n_days in (N_DAYS, WINDOW)
    )
    found = explained(reference, converted(window, "kilometres", 1.0), DISTANCE)
    assert found == Explanation(BY_NAME["kilometres"], 1.0)


@pytest.mark.parametrize(
    ("mean", "spread"), [(20.0, 6.0), (90.0, 6.0), (10.0, 8.0), (50.0, 12.0), (20.0, 4.5)], ids=str
)
def test_a_season_is_no_unit(mean, spread):
    """Cold weeks lie where Celsius would, but spread as any other within a day."""
    for seed in range(5):
        window = days(WINDOW, seed=20 + seed, mean=mean, spread=spread)
        assert explained(days(N_DAYS, seed=1), window, TEMPERATURE) is None


def test_days_that_say_nothing_of_spread_explain_nothing():
    constant = [np.full(ROWS, 3.0)] * N_DAYS
    assert explained(constant, [np.full(ROWS, 30.0)] * WINDOW, TEXT) is None
    few = [each[:5] for each in days(N_DAYS, seed=1)]
    assert explained(few, [10 * each for each in days(WINDOW, seed=2)], TEXT) is None
