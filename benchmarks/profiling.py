"""Profile 100,000 rows of 20 columns: column by column against plain `why.log`, turn by turn.

    python -m benchmarks.profiling

Prints the ratio of the best of each, and whether counts, types, cardinality and moments agree.
Exits 1 when the ratio is below 10 or a figure differs.
"""

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mooring.profiles.engine import View
from mooring.profiles.sketches import profile_columns
from mooring.profiles.values import Kind

import whylogs as why  # isort: skip  # after the module that makes it importable

LIMIT = 10
TURNS = 5
N_ROWS = 100_000
EXACT = ("counts/n", "counts/null", "counts/nan", "types/fractional", "types/string")
CLOSE = {
    "cardinality/est": 0.05,  # which depends on the order of rows, and ours is that of the values
    "distribution/n": 1e-9,
    "distribution/min": 1e-9,
    "distribution/max": 1e-9,
    "distribution/mean": 1e-9,
    "distribution/stddev": 1e-9,
}
"""Relative differences that are allowed."""


def columns() -> dict[str, NDArray[Any]]:
    """Return 15 numbers and 5 categories, the mix of the flights."""
    draw = np.random.default_rng(13)
    table: dict[str, NDArray[Any]] = {}
    for i in range(15):
        spread = draw.normal(size=N_ROWS).round(3) if i % 2 else draw.integers(0, 300, N_ROWS)
        table[f"number_{i}"] = spread.astype(np.float64)
    for n_texts in (3, 16, 100, 300, 5000):
        texts = np.array([f"text {j}" for j in range(n_texts)], dtype=object)
        table[f"category_{n_texts}"] = texts[draw.integers(0, n_texts, N_ROWS)]
    return table


def main() -> int:
    """Print the ratios; return 1 when one is below the limit, or a figure differs."""
    table = columns()
    kinds: dict[str, Kind] = {
        name: "number" if name.startswith("number") else "category" for name in table
    }
    frame = pd.DataFrame(table)
    boxed = frame.astype({name: object for name in table if name.startswith("category")})
    ways: dict[str, Callable[[], View]] = {
        "profile_columns": lambda: profile_columns(table, kinds, day=None, facts={}),
        "why.log, texts as pandas str": lambda: why.log(pandas=frame).view(),
        "why.log, texts as Python objects": lambda: why.log(pandas=boxed).view(),
    }
    views = {name: way() for name, way in ways.items()}
    best = dict.fromkeys(ways, math.inf)
    for _ in range(TURNS):
        for name, way in ways.items():
            best[name] = min(best[name], _seconds(way))
    ours, *others = ways
    failed = False
    for name in others:
        ratio = best[name] / best[ours]
        differing = _differing(views[ours], views[name])
        failed |= ratio < LIMIT or bool(differing)
        agreement = f"differ in {', '.join(differing)}" if differing else "the same figures"
        print(f"{name}: {best[name] / best[ours]:.1f} times the time of {ours}; {agreement}")
    return int(failed)


def _seconds(way: Callable[[], View]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def _differing(ours: View, theirs: View) -> list[str]:
    mine, other = ours.to_pandas(), theirs.to_pandas()
    exact = [
        f"{name} {figure}"
        for figure in EXACT
        for name in mine.index
        if mine[figure][name] != other[figure][name]
    ]
    close = [
        f"{name} {figure}"
        for figure, rtol in CLOSE.items()
        for name in mine.index
        if not np.isclose(mine[figure][name], other[figure][name], rtol=rtol, equal_nan=True)
    ]
    return exact + close


if __name__ == "__main__":
    sys.exit(main())
