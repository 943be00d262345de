"""Load and merge 1,000 stored profiles of the flights: what drift is judged from against whylogs' own reader.

    python -m benchmarks.profiles

In: models/reference, which `dvc repro` makes; each of its days stands for several. Prints how many times as
long whylogs takes (deserialize each, merge one into the next), turn by turn, against reading the same
files and adding up their counts by bin. Exits 1 when the ratio is below 10, or the rows differ.
"""

import sys
import time
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from mooring.profiles.engine import View
from mooring.profiles.reading import read_profile
from mooring.profiles.store import read_sketches
from mooring.profiles.tables import counts, reference_counts

LIMIT = 10
N_PROFILES = 1000
TURNS = 3
REFERENCE = Path("models/reference")


def main() -> int:
    """Print the ratio; return 1 when it is below the limit, or the rows differ."""
    bins, _ = reference_counts(read_sketches(REFERENCE).blocks)
    files = sorted(REFERENCE.glob("*.bin"))
    contents = [files[n % len(files)].read_bytes() for n in range(N_PROFILES)]
    ways: dict[str, Callable[[], Any]] = {
        "whylogs: deserialize and merge": lambda: reduce(
            lambda whole, part: whole.merge(part), map(View.deserialize, contents)
        ),
        "counts by bin": lambda: counts((read_profile(content, "") for content in contents), bins),
    }
    found, best = {}, dict.fromkeys(ways, np.inf)
    for _ in range(TURNS):
        for name, way in ways.items():
            start = time.perf_counter()
            found[name] = way()
            best[name] = min(best[name], time.perf_counter() - start)
    theirs, ours = ways
    print(f"{theirs}: {best[theirs] / best[ours]:.1f} times the time of {ours}")
    rows = {
        name: found[theirs].get_column(name).get_metric("counts").n.value for name in found[ours]
    }
    same = rows == {name: of.rows for name, of in found[ours].items()}
    print(f"{N_PROFILES} profiles, {len(bins)} columns: rows {'agree' if same else 'differ'}")
    return int(not same or best[theirs] / best[ours] < LIMIT)


if __name__ == "__main__":
    sys.exit(main())
