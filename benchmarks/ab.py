"""False alarms of daily looks at two models that are equally good, by four ways to look.

    python -m benchmarks.ab [--experiments 4000]

Days are simulated, and taken from three pairs of models fitted to the flights (data/rows.parquet, from
`dvc repro`): their daily differences in Brier score from June to December, recentred, in stretches of
20 days. Prints the share of experiments with an alarm on any of the days 21 to 100, and how long a real
difference takes; exits 1 when the sequence of `mooring ab` alarms in more than 5% of the real ones.
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

from mooring.metrics.sequential import (
    MIN_BLOCKS,
    Totals,
    boundary,
    contrast,
    every_look,
    single_look,
)

ALPHA, TUNED, N_DAYS, STRETCH, SEED = 0.05, 28, 100, 20, 13
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


def flights(shape: tuple[int, int]) -> Iterator[tuple[str, Days]]:
    """Yield the days of pairs of models of the flights, in stretches of 20 days."""
    rows = pd.read_parquet("data/rows.parquet").dropna(subset=["late"])
    local = rows["scheduled_at"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    rows["day"] = local.dt.strftime("%Y-%m-%d")
    train, test = rows[rows["day"] < "2013-06-01"], rows[rows["day"] > "2013-06-01"]
    errors = {
        name: (fit(kind, train[train["day"] >= start]).predict_proba(test)[:, 1] - test["late"])
        ** 2
        for name, kind, start in (
            ("boosted", boosted(31), ""),
            ("smaller", boosted(15), ""),
            ("logistic", logistic(), ""),
            ("from March", boosted(31), "2013-03-01"),
        )
    }
    random = np.random.default_rng(SEED)
    for other in ("smaller", "logistic", "from March"):
        difference = errors[other] - errors["boosted"]
        by_day = difference.groupby(test["day"])
        means, n = by_day.mean().to_numpy(), by_day.size().to_numpy().astype(np.float64)
        means = means - np.average(means, weights=n)
        starts = random.integers(0, len(n), size=(shape[0], shape[1] // STRETCH, 1))
        drawn = ((starts + np.arange(STRETCH)) % len(n)).reshape(shape)
        spread = np.full(shape, difference.std())
        yield f"flights, boosted and {other}", (means[drawn], n[drawn], spread)


def boosted(leaves: int) -> Pipeline:
    """Return boosted trees."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    trees = HistGradientBoostingClassifier(max_leaf_nodes=leaves, min_samples_leaf=50)
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


def alarms(days: Days) -> dict[str, float]:
    """Return the share of experiments with an alarm on any day, by way to look."""
    gaps, n, row_sd = days
    found: dict[str, list[NDArray[np.bool_]]] = {}
    for today in range(MIN_BLOCKS, gaps.shape[1] + 1):
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


def main() -> int:
    """Print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=4000)
    shape = (parser.parse_args().experiments, N_DAYS)
    worst = 0.0
    for source in (simulated, flights):
        for name, days in source(shape):
            rates = alarms(days)
            worst = max(worst, rates["mooring ab"]) if source is flights else worst
            print(f"{name:32}" + "".join(f"  {way} {rate:6.1%}" for way, rate in rates.items()))
    normal = np.random.default_rng(SEED).normal(size=shape)
    for effect, n_days in ((0.5, 90), (0.75, 49), (1.0, 31)):
        one = np.ones((shape[0], n_days))
        power = alarms((normal[:, :n_days] + effect, one, one))["mooring ab"]
        print(f"a difference of {effect} daily deviations is found by day {n_days}: {power:.1%}")
    print(f"false alarms on the days of real models: at most {worst:.1%} (limit {ALPHA:.0%})")
    return 0 if worst <= ALPHA else 1


if __name__ == "__main__":
    sys.exit(main())
