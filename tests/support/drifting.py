"""Days of counts whose rows cluster by day, and what is done to them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import yaml

from mooring.config.drift import Drift
from mooring.drift.days import Days, stacked
from mooring.profiles.bins import Bins, CategoryBins, Counts, NumberBins
from tests.support.conf import CONF

BINS: Bins = {
    "x": NumberBins((1.0, 2.0, 3.0, 4.0)),
    "c": CategoryBins(("a", "b"), frozenset({"z"})),
    "score": NumberBins((0.1, 0.2, 0.3)),
}
SHARES = {
    "x": (0.2, 0.2, 0.2, 0.2, 0.2),
    "c": (0.6, 0.39, 0.01),
    "score": (0.25, 0.25, 0.25, 0.25),
}


def settings(**changes: Any) -> Drift:
    """Return conf/drift, with few draws, changed."""
    values = yaml.safe_load((CONF / "drift/days.yaml").read_text())
    return Drift.parse("drift", values | {"n_draws": 199} | changes)


def counts(rows: int, bins: Any, null: int = 0, inf: int = 0, unseen: float = 0) -> Counts:
    """Return the counts of one column of one day."""
    return Counts(rows, null, inf, unseen, np.array(bins, dtype=np.float64))


def some_days(
    n_days: int,
    seed: int,
    first: int = 0,
    rows: int = 400,
    clustered: float = 300.0,
    shares: Mapping[str, Any] = SHARES,
) -> dict[str, dict[str, Counts]]:
    """Return the counts of days, 2% of the x missing; the shares of each day scatter about `shares`."""
    random = np.random.default_rng(seed)
    found: dict[str, dict[str, Counts]] = {}
    for day in range(first, first + n_days):
        name = str(np.datetime64("2024-01-01") + day)
        of_day = {}
        for column, usual in shares.items():
            null = int(random.binomial(rows, 0.02)) if column == "x" else 0
            own = random.dirichlet(np.array(usual) * clustered + 1e-9)
            of_day[column] = counts(rows, random.multinomial(rows - null, own), null=null)
        found[name] = of_day
    return found


def reference_days(n_days: int = 80, **changes: Any) -> Days:
    """Return days by which thresholds can be set."""
    return stacked(some_days(n_days, seed=1, **changes), BINS)


def current_days(n_days: int = 21, seed: int = 2, **changes: Any) -> Days:
    """Return days that follow them."""
    return stacked(some_days(n_days, seed, first=80, **changes), BINS)
