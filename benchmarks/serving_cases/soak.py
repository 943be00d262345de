"""A long run near a server's capacity: no request fails, and memory does not grow."""

from dataclasses import dataclass

from benchmarks.load.closed import closed_loop
from benchmarks.load.figures import Bodies, Load
from benchmarks.load.paced import paced
from benchmarks.serving_cases.records import n_dropped, recorded, settle
from benchmarks.serving_cases.verdict import Case, Verdict
from benchmarks.serving_peers.running import Running

CONNECTIONS = 16
SHARE = 0.8
"""Of the server's closed-loop throughput."""
CAPACITY_S = 5
SETTLE_S = 60
"""The memory of the first minute is not judged, or of the first quarter if the soak is shorter than four."""
SLICE_S = 2.0
"""Memory is read between slices, each with new connections."""
MEMORY_LIMIT = 1.05


@dataclass(frozen=True)
class Soak:
    """The results of a soak."""

    rate: float
    loads: tuple[Load, ...]
    """One per slice."""
    rss: tuple[int, ...]
    """Resident bytes of the server's processes after each slice that is judged."""
    n_dropped: float
    """Rows that are in no record."""

    @property
    def n_errors(self) -> int:
        """Requests that failed."""
        return sum(load.n_errors for load in self.loads)

    @property
    def growth(self) -> float:
        """The largest memory divided by the first that is judged."""
        return max(self.rss) / self.rss[0]


def soak(running: Running, bodies: Bodies, seconds: float) -> Soak:
    """Measure the capacity of a server, then send `SHARE` of it for `seconds`."""
    rate = SHARE * closed_loop(running.port, bodies, CONNECTIONS, CAPACITY_S).requests_s
    dropped = n_dropped(running)
    settle_s = min(SETTLE_S, seconds / 4)
    loads, rss = [], []
    n_slices = max(4, round(seconds / SLICE_S))
    for number in range(n_slices):
        loads.append(paced(running.port, bodies, rate, SLICE_S))
        if (number + 1) * SLICE_S >= settle_s:
            rss.append(running.resident_bytes())
    settle(running)
    return Soak(rate, tuple(loads), tuple(rss), n_dropped(running) - dropped)


def soaked(running: Running, bodies: Bodies, seconds: float) -> Case:
    """Judge a soak."""
    found = soak(running, bodies, seconds)
    length = f"soak of {seconds:g} s"
    verdicts = (
        Verdict(f"{length}: errors", "at most", 0, (float(found.n_errors),)),
        Verdict(f"{length}: rows dropped", "at most", 0, (found.n_dropped,)),
        Verdict(
            f"{length}: memory relative to its start", "at most", MEMORY_LIMIT, (found.growth,)
        ),
    )
    title = f"soak at {SHARE:.0%} of capacity, {found.rate:,.0f} requests/s for {seconds:g} s"
    return Case(title, {running.name: list(found.loads)}, verdicts, note=recorded(running))
