"""Load and merge 1,000 stored profiles of the flights, against whylogs' own reader, turn by turn.

    python -m benchmarks.profiles

In: models/reference, which `dvc repro` makes; each of its days is used several times. whylogs deserializes
each and merges one into the next; ours reads the same bytes, checks their sha256, and adds them up to counts
by bin. Prints how many times as long whylogs takes. Exits 1 when that is below 10, or the figures differ.
"""

import sys
import time
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import numpy as np

from mooring.profiles.bins import Bins, NumberBins
from mooring.profiles.engine import View
from mooring.profiles.reading import Profile, read_profile
from mooring.profiles.store import read_sketches
from mooring.profiles.tables import Columns, counts, reference_counts
from mooring.records.parts import Part

LIMIT = 10
N_PROFILES = 1000
TURNS = 3
REFERENCE = Path("models/reference")
RANK_ERROR = 0.01


def main() -> int:
    """Print the ratio; return 1 when it is below the limit, or the figures differ."""
    bins, _ = reference_counts(read_sketches(REFERENCE).blocks)
    files = sorted(REFERENCE.glob("*.bin"))
    contents = [files[n % len(files)].read_bytes() for n in range(N_PROFILES)]
    parts = [Part.of("writer", n, content, ".bin") for n, content in enumerate(contents)]

    def profiles() -> Iterator[Profile]:
        for part, content in zip(parts, contents, strict=True):
            part.check(content, str(part))
            yield read_profile(content, str(part))

    def theirs() -> View:
        return reduce(lambda a, b: a.merge(b), map(View.deserialize, contents))

    def ours() -> Columns:
        return counts(profiles(), bins)

    differing = _differing(theirs(), ours(), bins)
    best = dict.fromkeys((theirs, ours), np.inf)
    for _ in range(TURNS):
        for way in best:
            start = time.perf_counter()
            way()
            best[way] = min(best[way], time.perf_counter() - start)
    ratio = best[theirs] / best[ours]
    agreement = f"differ in {', '.join(differing)}" if differing else "the same figures"
    print(f"{N_PROFILES} profiles: whylogs takes {ratio:.1f} times as long; {agreement}")
    return int(ratio < LIMIT or bool(differing))


def _differing(theirs: View, ours: Columns, bins: Bins) -> list[str]:
    """Return the columns whose counts differ, or whose ranks by more than the sketches' error."""
    wrong = []
    for name, column in theirs.get_columns().items():
        of, mine, number = column.get_metric("counts"), ours[name], bins[name]
        same = (mine.rows, mine.null, mine.inf) == (of.n.value, of.null.value, of.inf.value)
        kll = column.get_metric("distribution").kll.value
        if isinstance(number, NumberBins) and number.edges:
            shares = kll.get_pmf(np.nextafter(number.edges, np.inf).tolist())
            ranks = np.cumsum(shares) - np.cumsum(mine.bins) / mine.bins.sum()
            same &= bool(np.abs(ranks).max() <= RANK_ERROR)
        if not same:
            wrong.append(name)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
