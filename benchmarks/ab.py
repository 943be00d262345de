"""False alarms of daily looks at two equally good models, with four tests.

    python -m benchmarks.ab [--experiments 4000] [--first-day 21]

Days are simulated, and also taken from models fitted to the flights (data/rows.parquet, from `dvc repro`):
three pairs' daily differences in Brier score from June to December, recentred, drawn one by one and in
stretches of 5 and of 20 days; and one model against itself, with the keys split at random. Prints
the spread of the days, the share of experiments with an alarm on any day from the first to the 100th,
and how long it takes to find a real difference. Exits 1 when the sequence of `mooring ab` alarms in more
than 5% of experiments with days drawn one by one, or with a model against itself.
"""

import argparse
import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from mooring.ab.totals import totals
from mooring.metrics.sequential import (
    MIN_BLOCKS,
    Totals,
    boundary,
    contrast,
    every_look,
    single_look,
)

ALPHA, TUNED, N_DAYS, SEED = 0.05, 28, 100, 13
STRETCHES = (1, 5, 20)
"""Days in a row."""
SHARED_OUT = 1000
"""Experiments of a model against itself."""
NUMBERS = ["departure_minute", "arrival_minute", "weekday", "distance", "temp", "dewp", "humid"]
NUMBERS += ["wind_dir", "wind_speed", "precip", "pressure", "visib"]
TEXTS = ["carrier", "origin", "dest"]
Floats = NDArray[np.float64]
Days = tuple[Floats, Floats, Floats]
"""Mean differences, rows and the standard deviation of one row's, each (n_experiments, n_days)."""


def simulated(shape: tuple[int, int]) -> Iterator[tuple[str, Days]]:
    """Yield normal, correlated and skewed days of 200 rows with a design effect of 41."""
    random = np.random.default_rng(SEED)
    rows, row_sd = np.full(shape, 200.0), np.full(shape, np.sqrt(200 / 41))
    yield "normal days", (random.normal(size=shape), rows, row_sd)
    days = random.normal(size=shape)
    for day in range(1, shape[1]):
        days[:, day] = 0.3 * days[:, day - 1] + np.sqrt(0.91) * days[:, day]
    yield "days correlated by 0.3", (days, rows, row_sd)
    yield "exponential days", (random.exponential(size=shape) - 1, rows, row_sd)
    skewed = (random.lognormal(size=shape) - np.exp(0.5)) / 2.16
    yield "lognormal days", (skewed, rows, row_sd)


def flights() -> tuple[pd.Series, pd.DataFrame]:
    """Return day and squared error of each model, for each flight after the train window."""
    rows = pd.read_parquet("data/rows.parquet").dropna(subset=["late"])
    local = rows["scheduled_at"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    rows["day"] = local.dt.strftime("%Y-%m-%d")
    train, test = rows[rows["day"] < "2013-06-01"], rows[rows["day"] > "2013-06-01"]
    models = {
        "boosted": (boosted(31), ""),
        "smaller": (boosted(15), ""),
        "logistic": (logistic(), ""),
        "from March": (boosted(31), "2013-03-01"),
    }
    errors = {
        name: (fit(model, train[train["day"] >= start]).predict_proba(test)[:, 1] - test["late"])
        ** 2
        for name, (model, start) in models.items()
    }
    return test["day"], pd.DataFrame(errors)


def pairs(
    day: pd.Series, errors: pd.DataFrame, shape: tuple[int, int]
) -> Iterator[tuple[str, int, Days]]:
    """Yield the recentred days of pairs of models, in stretches of some length."""
    random = np.random.default_rng(SEED)
    for other in ("smaller", "logistic", "from March"):
        difference = errors[other] - errors["boosted"]
        by_day = difference.groupby(day)
        means, n = by_day.mean().to_numpy(), by_day.size().to_numpy().astype(np.float64)
        means = means - np.average(means, weights=n)
        print(_spread(other, means * n / n.mean(), difference))
        for stretch in STRETCHES:
            starts = random.integers(0, len(n), size=(shape[0], shape[1] // stretch, 1))
            drawn = ((starts + np.arange(stretch)) % len(n)).reshape(shape)
            spread = np.full(shape, difference.std())
            yield f"{other}, {stretch} days", stretch, (means[drawn], n[drawn], spread)


def against_itself(day: pd.Series, losses: pd.Series, share: float, first_day: int) -> float:
    """Return the share of alarms where keys of the first 100 days go to either arm at random."""
    blocks = pd.factorize(day, sort=True)[0]
    kept = blocks < N_DAYS
    blocks, values = blocks[kept], losses.to_numpy()[kept]
    random, arms = np.random.default_rng(SEED), []
    for _ in range(SHARED_OUT):
        arms.append(totals(blocks, random.random(len(values)) < share, values))
    champion, challenger = (
        Totals(
            np.stack([each[arm].n for each in arms]), np.stack([each[arm].losses for each in arms])
        )
        for arm in (0, 1)
    )
    alarm = np.zeros(SHARED_OUT, dtype=bool)
    for today in range(first_day, N_DAYS + 1):
        seen = contrast(_until(champion, today), _until(challenger, today))
        low, high = every_look(seen, ALPHA, TUNED)
        alarm |= (low > 0) | (high < 0)
    return float(alarm.mean())


def _until(all_days: Totals, today: int) -> Totals:
    return Totals(all_days.n[:, :today], all_days.losses[:, :today])


def _spread(name: str, days: Floats, rows: pd.Series) -> str:
    deviations = days - days.mean()
    design_effect = days.var(ddof=1) / len(days) / (rows.var() / len(rows))
    skewness = (deviations**3).mean() / days.std() ** 3
    correlation = np.corrcoef(days[1:], days[:-1])[0, 1]
    return (
        f"boosted and {name}: {len(days)} days, design effect {design_effect:.0f}, "
        f"skewness {skewness:.1f}, correlation with the day before {correlation:.2f}"
    )


def boosted(leaves: int) -> Pipeline:
    """Return boosted trees."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    trees = HistGradientBoostingClassifier(
        max_leaf_nodes=leaves, min_samples_leaf=50, early_stopping=False, random_state=SEED
    )
    return make_pipeline(make_column_transformer((encoder, TEXTS), ("passthrough", NUMBERS)), trees)


def logistic() -> Pipeline:
    """Return a logistic regression."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), TEXTS), (numbers, NUMBERS)
    )
    return make_pipeline(columns, LogisticRegression(max_iter=500, C=0.1))


def fit(model: Pipeline, rows: pd.DataFrame) -> Pipeline:
    """Return the model fitted to the rows."""
    return model.fit(rows[NUMBERS + TEXTS], rows["late"])


def alarms(days: Days, first_day: int) -> dict[str, float]:
    """Return the share of experiments with an alarm on any day, by test."""
    gaps, n, row_sd = days
    found: dict[str, list[NDArray[np.bool_]]] = {}
    for today in range(first_day, gaps.shape[1] + 1):
        rows = n[:, :today]
        totals = Totals(rows, gaps[:, :today] * rows), Totals(rows, np.zeros(rows.shape))
        seen = contrast(*totals)
        error = np.sqrt(seen.variance * today / (today - 1))
        z = np.abs(seen.difference)
        low, high = single_look(seen, ALPHA)
        first, last = every_look(seen, ALPHA, TUNED)
        for name, alarm in (
            ("rows, z", z > 1.96 * row_sd[:, 0] / np.sqrt(rows.sum(axis=1))),
            ("days, t", (low > 0) | (high < 0)),
            ("as published", z > boundary(np.full(1, today), ALPHA, TUNED) * error),
            ("mooring ab", (first > 0) | (last < 0)),
        ):
            found.setdefault(name, []).append(alarm)
    return {name: float(np.any(each, axis=0).mean()) for name, each in found.items()}


def _line(name: str, rates: dict[str, float]) -> str:
    return f"{name:24}" + "".join(f"  {way} {rate:6.1%}" for way, rate in rates.items())


def main() -> int:
    """Print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=4000)
    parser.add_argument("--first-day", type=int, default=MIN_BLOCKS)
    options = parser.parse_args()
    shape, first_day = (options.experiments, N_DAYS), options.first_day
    for name, days in simulated(shape):
        print(_line(name, alarms(days, first_day)))
    day, errors = flights()
    worst = 0.0
    for name, stretch, days in pairs(day, errors, shape):
        rates = alarms(days, first_day)
        worst = max(worst, rates["mooring ab"]) if stretch == 1 else worst
        print(_line(name, rates))
    for share in (0.5, 0.1):
        rate = against_itself(day, errors["boosted"], share, first_day)
        worst = max(worst, rate)
        print(f"boosted against itself, {share:.0%} of keys: {rate:.1%}")
    normal = np.random.default_rng(SEED).normal(size=shape)
    for effect, n_days in ((0.5, 90), (0.75, 49), (1.0, 31)):
        one = np.ones((shape[0], n_days))
        power = alarms((normal[:, :n_days] + effect, one, one), first_day)["mooring ab"]
        print(f"a difference of {effect} daily deviations is found by day {n_days}: {power:.1%}")
    print(f"false alarms on real days, one by one: at most {worst:.1%} (limit {ALPHA:.0%})")
    return 0 if worst <= ALPHA else 1


if __name__ == "__main__":
    sys.exit(main())
