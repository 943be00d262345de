"""Open loop: the latency of each server at a given request rate."""

from dataclasses import dataclass

from benchmarks.load.figures import Load
from benchmarks.load.paced import paced
from benchmarks.serving_cases.records import settle
from benchmarks.serving_cases.servers import ECHO, SCORER, SCORER_OFF, Servers
from benchmarks.serving_cases.throughput import LEAD_S, Effort, take_turns
from benchmarks.serving_cases.verdict import Case, Verdict, ratios

SHARE = 0.5
"""Of the scorer's closed-loop throughput: one rate for the scorer, with records and without, and the echo."""
RECORDS_P99_LIMIT = 2
SHARES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9)
"""Of each server's own closed-loop throughput: the points of its curve."""


@dataclass(frozen=True)
class Curve:
    """One server's latency against load, one figure per rate."""

    name: str
    loads: tuple[Load, ...]


def same_rate(model: str, servers: Servers, capacity: float, effort: Effort) -> Case:
    """Return the latency of the scorer, with records and without, and of the echo at one request rate.

    Each turn begins with load that is not measured, so that the measured part includes the writing of its
    rows, and ends only when all rows are written.
    """
    rate = SHARE * capacity

    def measure(name: str, seconds: float) -> Load:
        running, bodies = servers.running[name], servers.one[name]
        paced(running.port, bodies, rate, LEAD_S)
        load = paced(running.port, bodies, rate, seconds)
        if name == SCORER:
            settle(running)
        return load

    loads = take_turns([ECHO, SCORER, SCORER_OFF], measure, effort)
    times = ratios(loads[SCORER], loads[SCORER_OFF], "p99_ms")
    name = f"{model}: p99 with profiles and records relative to without, at half of capacity"
    title = f"{model}, one row per request, open loop at {rate:,.0f} requests/s"
    return Case(title, loads, (Verdict(name, "at most", RECORDS_P99_LIMIT, times),))


def curves(
    servers: Servers, one_row: Case, shares: tuple[float, ...], seconds: float
) -> list[Curve]:
    """Return the latency of each server at shares of its closed-loop throughput.

    Each rate is measured on all servers before the next, so that a busy machine slows them alike.
    """
    loads: dict[str, list[Load]] = {name: [] for name in one_row.loads}
    for share in shares:
        for name, found in loads.items():
            rate = share * one_row.middle(name).requests_s
            found.append(paced(servers.running[name].port, servers.one[name], rate, seconds))
    return [Curve(name, tuple(found)) for name, found in loads.items()]
