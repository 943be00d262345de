"""False alarms and power of Mooring's drift judgement on the flights of 2013, 150 a day, and the weather.

    python -m benchmarks.drift [--shuffles 25] [--no-peers]

(a) Days are shuffled: the first 151 are the reference, and the rest are windows of 7. (b) Single rows are
shuffled. (c) One fault is put into 7-day windows of (a), each after days without it. Bins and thresholds come
from the reference alone. (a) and (c) are judged twice: with rows counted exactly, and through profiles.
(d) The year's weeks in their real order, judged by other seasons, must not read as a changed unit; columns of
(a), wholly and partly converted, must.
Then Evidently, NannyML and whylogs' own drift scores, each in its own environment, judge the same rows of all
flights and of the weather.
Exits 1 when Mooring misses a limit.
"""

import argparse
import sys
import time

from benchmarks.drift_cases.counting import ROWS, Counting
from benchmarks.drift_cases.faults import FAULTS
from benchmarks.drift_cases.figures import (
    Judge,
    days_shuffled,
    power,
    rows_shuffled,
    settings,
    shuffles,
)
from benchmarks.drift_cases.profiled import PROFILES
from benchmarks.drift_cases.rows import rows_of
from benchmarks.drift_cases.units import SHARES, of_conversions, of_seasons
from benchmarks.drift_peers.peers import PEERS, figures
from benchmarks.serving_peers.venvs import NotRunError

SIZES = (300, 1000, 3000, 10_000)
COMPARED = ("flights", "weather")
PEER_SHUFFLES = 5
UNIT_SHUFFLES = 3
MOST_AS_UNITS = 0.02
"""Of the windows of a column that drifted."""
MOST = {"any": 0.06, "confirmed drift": 0.015}
MOST_ROWS = 0.06
"""Of windows with an alarm where nothing has changed."""


def main() -> int:
    """Print the figures and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shuffles", type=int, default=25)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    missed = [
        limit
        for name in FAULTS
        for counting in (ROWS, PROFILES)
        for limit in _judged(name, counting, options.shuffles)
    ]
    missed += [limit for name in COMPARED for limit in _units(name)]
    if not options.no_peers:
        for name in COMPARED:
            _compared(name)
    print("limits missed: " + ("; ".join(missed) or "none"))
    return 1 if missed else 0


def _judged(name: str, counting: Counting, n_shuffles: int) -> list[str]:
    """Print one data set's figures, counted in one way; return the limits that are missed."""
    rows, drift, missed = rows_of(name), settings(), []

    def say(what: str, share: float, n: int, limit: float | None, most: bool) -> None:
        kept = limit is None or (share <= limit if most else share >= limit)
        bound = "" if limit is None else f", at {'most' if most else 'least'} {limit:.1%}"
        print(f"  {what}: {share:.1%} of {n}{bound}{'' if kept else ': MISSED'}", flush=True)
        if not kept:
            missed.append(f"{name} by {counting.name}, {what}")

    of = f"{len(rows.frame):,} rows of {rows.n_days} days"
    print(f"{name}: {of}, counted by {counting.name}", flush=True)
    start = time.perf_counter()
    judges = [Judge(each, counting) for each in shuffles(rows, drift, n_shuffles)]
    for kind, flags in days_shuffled(judges).items():
        say(f"days shuffled, {kind}", flags.mean(), len(flags), MOST.get(kind), True)
    for size in SIZES if counting is ROWS else ():
        if 2 * size < len(rows.frame) // 2:
            flags = rows_shuffled(rows, drift, size, n_references=6, n=100)
            say(f"rows shuffled, {size} rows", flags.mean(), len(flags), MOST_ROWS, True)
    for fault in FAULTS[name]:
        flags = power(judges, fault)
        say(fault.name, flags.mean(), len(flags), fault.limit, False)
    print(f"  ({time.perf_counter() - start:.0f} s)")
    return missed


def _units(name: str) -> list[str]:
    """Print how changed units are judged; return the limits that are missed."""
    rows, drift, missed = rows_of(name), settings(), []
    found = of_seasons(rows, drift)
    share = found.explained / max(found.standing_out, 1)
    kept = share <= MOST_AS_UNITS
    print(
        f"{name}: in real order, {found.standing_out} of {found.windows} windows of a column alarm, "
        f"and {found.explained} of them ({share:.1%}) read as a changed unit, at most "
        f"{MOST_AS_UNITS:.1%}{'' if kept else ': MISSED'}",
        flush=True,
    )
    if not kept:
        missed.append(f"{name}, drift read as a changed unit")
    for part in SHARES:
        found = of_conversions(list(shuffles(rows, drift, UNIT_SHUFFLES)), part)
        print(
            f"  {part:.0%} of the values converted: {found.standing_out / found.windows:.1%} of "
            f"{found.windows} windows alarm, and {found.right / max(found.standing_out, 1):.1%} of "
            "those name the right conversion",
            flush=True,
        )
    return missed


def _compared(name: str) -> None:
    """Print the peers' results for the same rows."""
    some = list(shuffles(rows_of(name), settings(), PEER_SHUFFLES))
    for peer in PEERS:
        start = time.perf_counter()
        try:
            lines = list(figures(peer, some))
        except NotRunError as error:
            lines = [f"not run: {error}"]
        print(f"{name}, {peer.name} ({time.perf_counter() - start:.0f} s)")
        print("\n".join(f"  {line}" for line in lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
