"""Load and merge 1,000 stored profiles of the flights, against whylogs' own reader, turn by turn.

    python -m benchmarks.profiles

In: models/reference, which `dvc repro` makes; each of its days stands for several. whylogs deserializes
each and merges one into the next; ours reads the same bytes, checks their sha256, and adds them up: to
counts by bin, and to one profile. Prints how many times as long whylogs takes. Exits 1 when that is below 10,
or the figures differ.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from mooring.profiles.engine import View
from mooring.profiles.merging import merged_sketches
from mooring.profiles.reading import Profile, read_profile
from mooring.profiles.store import read_sketches
from mooring.profiles.tables import counts, reference_counts
from mooring.records.parts import Part

LIMIT = 10
N_PROFILES = 1000
TURNS = 3
REFERENCE = Path("models/reference")
RANKS = [0.1, 0.5, 0.9]
RANK_ERROR = 0.01


def main() -> int:
    """Print the ratios; return 1 when one is below the limit, or the figures differ."""
    bins, _ = reference_counts(read_sketches(REFERENCE).blocks)
    files = sorted(REFERENCE.glob("*.bin"))
    contents = [files[n % len(files)].read_bytes() for n in range(N_PROFILES)]
    parts = [Part.of("writer", n, content, ".bin") for n, content in enumerate(contents)]

    def profiles() -> Iterator[Profile]:
        for part, content in zip(parts, contents, strict=True):
            part.check(content, str(part))
            yield read_profile(content, str(part))

    theirs, *ours = ways = {
        "whylogs": lambda: reduce(lambda a, b: a.merge(b), map(View.deserialize, contents)),
        "counts by bin": lambda: counts(profiles(), bins),
        "one profile": lambda: merged_sketches(list(profiles())),
    }
    found, best = _timed(ways)
    failed = False
    for name in ours:
        differing = _differing(found[theirs], found[name])
        ratio = best[theirs] / best[name]
        failed |= ratio < LIMIT or bool(differing)
        agreement = f"differ in {', '.join(differing)}" if differing else "the same figures"
        print(
            f"{N_PROFILES} profiles to {name}: {theirs} takes {ratio:.1f} times as long; {agreement}"
        )
    return int(failed)


def _timed(ways: dict[str, Callable[[], Any]]) -> tuple[dict[str, Any], dict[str, float]]:
    found, best = {}, dict.fromkeys(ways, np.inf)
    for _ in range(TURNS):
        for name, way in ways.items():
            start = time.perf_counter()
            found[name] = way()
            best[name] = min(best[name], time.perf_counter() - start)
    return found, best


def _differing(theirs: View, ours: Any) -> list[str]:
    """Return the columns whose counts differ, or whose quantiles by more than the sketches' error."""
    wrong = []
    for name, column in theirs.get_columns().items():
        of, mine = column.get_metric("counts"), ours[name]
        same = (mine.rows, mine.null, mine.inf) == (of.n.value, of.null.value, of.inf.value)
        kll = column.get_metric("distribution").kll.value
        if same and not kll.is_empty() and hasattr(mine, "values"):
            for rank, value in zip(RANKS, kll.get_quantiles(RANKS), strict=True):
                below = mine.values.get_rank(value)
                upto = mine.values.get_rank(float(np.nextafter(value, np.inf)))
                same &= below - RANK_ERROR <= rank <= upto + RANK_ERROR
        if not same:
            wrong.append(name)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
