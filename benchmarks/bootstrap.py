"""The paired bootstrap of ROC AUC against a loop over scikit-learn's roc_auc_score, turn by turn.

    python -m benchmarks.bootstrap [--loop-resamples 2000]

Prints the ratio of each turn and both intervals; exits 1 when the middle ratio is below the limit.
"""

import argparse
import sys
import time

import numpy as np
from sklearn.metrics import roc_auc_score

from mooring.metrics.bootstrap import Difference, paired_bootstrap
from mooring.metrics.weighted import Floats

LIMIT = 20
TURNS = 5
N_ROWS = 100_000
N_RESAMPLES = 2000
SEED = 13


def rows() -> tuple[Floats, Floats, Floats]:
    """Return target, challenger and champion: 22% positive, as flights are late."""
    random = np.random.default_rng(SEED)
    target = (random.random(N_ROWS) < 0.22).astype(np.float64)
    champion = random.normal(size=N_ROWS) + 0.8 * target
    challenger = champion + 0.5 * random.normal(size=N_ROWS) + 0.15 * target
    return target, challenger, champion


def fast(target: Floats, challenger: Floats, champion: Floats) -> tuple[float, Difference]:
    """Return the seconds and the result of Mooring's bootstrap."""
    start = time.perf_counter()
    difference = paired_bootstrap(
        "roc_auc",
        target,
        challenger,
        champion,
        blocks=None,
        n_resamples=N_RESAMPLES,
        confidence=0.95,
        seed=SEED,
    )
    return time.perf_counter() - start, difference


def loop(
    target: Floats, challenger: Floats, champion: Floats, n_resamples: int, seed: int
) -> tuple[float, Floats]:
    """Return the seconds and the differences of the plain loop."""
    random = np.random.default_rng(seed)
    start = time.perf_counter()
    differences = np.empty(n_resamples)
    for number in range(n_resamples):
        drawn = random.integers(0, len(target), len(target))
        differences[number] = roc_auc_score(target[drawn], challenger[drawn]) - roc_auc_score(
            target[drawn], champion[drawn]
        )
    return time.perf_counter() - start, differences


def main() -> int:
    """Run the turns and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loop-resamples", type=int, default=30)
    asked = parser.parse_args().loop_resamples
    per_turn = max(asked // TURNS, 2)
    data = rows()
    ratios, loops = [], []
    for turn in range(TURNS):
        fast_s, difference = fast(*data)
        loop_s, differences = loop(*data, per_turn, SEED + turn)
        loops.append(differences)
        ratios.append(loop_s * N_RESAMPLES / per_turn / fast_s)
        print(
            f"turn {turn + 1}: {ratios[-1]:.1f} times faster "
            f"(loop time scaled from {per_turn} to {N_RESAMPLES} resamples)"
        )
    drawn = np.concatenate(loops)
    half = 1.96 * drawn.std(ddof=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    print(f"paired_bootstrap: 95% interval {difference.low:.6f} to {difference.high:.6f}")
    print(
        f"loop, {len(drawn)} resamples: mean and 1.96 deviations {drawn.mean() - half:.6f} to "
        f"{drawn.mean() + half:.6f}, percentiles {low:.6f} to {high:.6f}"
    )
    middle = float(np.median(ratios))
    print(
        f"paired bootstrap, {N_ROWS} rows, {N_RESAMPLES} resamples: {middle:.1f} times faster "
        f"than the loop (limit {LIMIT})"
    )
    return 0 if middle >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
