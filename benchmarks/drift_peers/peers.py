"""The alarms of other drift detectors, with their defaults, on the windows that Mooring judges.

In: shuffles of a data set. Out: the columns that each peer alarms on, window by window.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.drift_cases.faults import FAULTS
from benchmarks.drift_cases.figures import Shuffle
from benchmarks.drift_cases.rows import SEED
from benchmarks.serving_peers.venvs import NotRunError, environment_of, python_of

HERE = Path(__file__).parent
PATIENCE_S = 900
SPOILT_WINDOWS = 4
"""Windows that a fault is put into."""
Windows = list[list[str]]
"""The columns with an alarm in each window."""


@dataclass(frozen=True)
class Peer:
    """One package."""

    name: str
    requirements: str
    """The name of its list of pins, of its environment and of its script."""
    n_windows: int | None
    """Windows of each shuffle in which nothing changed; None for all."""


PEERS = (
    Peer("Evidently, DataDriftPreset", "evidently", SPOILT_WINDOWS),
    Peer("NannyML, univariate drift", "nannyml", None),
    Peer("whylogs, drift scores", "whylogs", None),
)


def figures(peer: Peer, shuffles: Sequence[Shuffle]) -> Iterator[str]:
    """Yield a line for the windows in which nothing changed, and one for each fault.

    A fault is put into the first shuffle alone. Raises NotRunError if the peer does not run here.
    """
    first = shuffles[0]
    faults = FAULTS[first.rows.name]
    with tempfile.TemporaryDirectory() as directory:
        cases = _Cases(Path(directory))
        for shuffle in shuffles:
            cases.add(shuffle, *shuffle.current(_n_days(peer, shuffle)))
        frame, day = first.current(SPOILT_WINDOWS * first.drift.window_days)
        for fault in faults:
            cases.add(first, fault.applied(frame, SEED), day)
        found = _run(peer, cases)
    unchanged = [columns for windows in found[: len(shuffles)] for columns in windows]
    share = sum(bool(columns) for columns in unchanged) / len(unchanged)
    yield f"days shuffled, any column: {share:.1%} of {len(unchanged)}"
    for fault, windows in zip(faults, found[len(shuffles) :], strict=True):
        seen = sum(fault.column in columns for columns in windows) / len(windows)
        usual = sum(fault.column in columns for columns in unchanged) / len(unchanged)
        yield f"{fault.name}: {seen:.0%} of {len(windows)} (without the fault {usual:.0%})"


def _n_days(peer: Peer, shuffle: Shuffle) -> int:
    n_windows = shuffle.n_windows if peer.n_windows is None else peer.n_windows
    return n_windows * shuffle.drift.window_days


class _Cases:
    """Rows as files that every pandas version reads, and the list of them that is passed to a script."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.listed = directory, list[dict[str, str]]()

    def add(self, shuffle: Shuffle, frame: pd.DataFrame, day: NDArray[np.int64]) -> None:
        """Write one case; a shuffle's reference is written once."""
        current = self.directory / f"current-{len(self.listed)}.parquet"
        reference = self.directory / f"reference-{id(shuffle)}.parquet"
        frame.assign(day=day).to_parquet(current)
        if not reference.exists():
            of = shuffle.is_reference
            shuffle.rows.frame[of].assign(day=shuffle.place[of]).to_parquet(reference)
        self.listed.append(
            {
                "reference": str(reference),
                "current": str(current),
                "window_days": str(shuffle.drift.window_days),
            }
        )


def _run(peer: Peer, cases: _Cases) -> list[Windows]:
    python = python_of(peer.requirements, HERE / "requirements")
    script = HERE / "scripts" / f"{peer.requirements}_drift.py"
    environment = environment_of(python, cases.directory / "home") | {
        "WHYLOGS_NO_ANALYTICS": "1",
        "DO_NOT_TRACK": "1",
        "NML_DISABLE_USAGE_LOGGING": "1",
    }
    try:
        done = subprocess.run(
            [str(python), str(script)],
            input=json.dumps(cases.listed),
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    except subprocess.TimeoutExpired as error:
        raise NotRunError(f"it took more than {PATIENCE_S} s") from error
    if done.returncode != 0:
        raise NotRunError(done.stderr.strip().rsplit("\n", 1)[-1])
    found: list[Windows] = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    return found
