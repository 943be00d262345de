"""Open loop: how long each server takes at a rate that it does not choose."""

from dataclasses import dataclass

from benchmarks.load.figures import Load
from benchmarks.load.paced import paced
from benchmarks.serving_cases.servers import ECHO, SCORER, Servers
from benchmarks.serving_cases.throughput import Effort, take_turns
from benchmarks.serving_cases.verdict import Case, Verdict, ratios

SHARE = 0.5
"""Of the scorer's closed-loop throughput: the same rate for the scorer and for the echo."""
P99_LIMIT = 4
SHARES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9)
"""Of each server's own closed-loop throughput: the points of its curve."""


@dataclass(frozen=True)
class Curve:
    """One server's latency against load, one figure a rate."""

    name: str
    loads: tuple[Load, ...]


def same_rate(model: str, servers: Servers, capacity: float, effort: Effort) -> Case:
    """Return the scorer's latency and the echo's at one and the same request rate."""
    rate = SHARE * capacity

    def measure(name: str, seconds: float) -> Load:
        return paced(servers.running[name].port, servers.one[name], rate, seconds)

    loads = take_turns([ECHO, SCORER], measure, effort)
    times = ratios(loads[SCORER], loads[ECHO], "p99_ms")
    name = f"{model}: p99 of the echo's at the same rate"
    title = f"{model}, one row a request, open loop at {rate:,.0f} requests/s"
    return Case(title, loads, (Verdict(name, "at most", P99_LIMIT, times),))


def curves(
    servers: Servers, one_row: Case, shares: tuple[float, ...], seconds: float
) -> list[Curve]:
    """Return the latency of each server at shares of what it answered in the closed loop.

    One rate after the other, and at each rate all servers, so that a busy spell hits them alike.
    """
    loads: dict[str, list[Load]] = {name: [] for name in one_row.loads}
    for share in shares:
        for name, found in loads.items():
            rate = share * one_row.middle(name).requests_s
            found.append(paced(servers.running[name].port, servers.one[name], rate, seconds))
    return [Curve(name, tuple(found)) for name, found in loads.items()]
