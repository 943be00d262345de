"""Closed loop: the throughput of each server while every connection sends its next request at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import HTTPError

from benchmarks.load.closed import closed_loop
from benchmarks.load.figures import Bodies, Load
from benchmarks.serving_cases.models import ARROW, PREDICT, Trained
from benchmarks.serving_cases.records import recorded, settle
from benchmarks.serving_cases.servers import (
    ECHO,
    N_MANY,
    SCORER,
    SCORER_OFF,
    Servers,
)
from benchmarks.serving_cases.verdict import Case, Verdict, against_best, no_error, ratios
from benchmarks.serving_peers.running import Running

CONNECTIONS, CONNECTIONS_MANY = 16, 4
ECHO_LIMITS = {"boosted": 0.35, "logistic": 0.5}
PEER_LIMIT = 30
MANY_LIMIT = 3.5
ARROW_LIMIT = 1.5
WARM_S, LEAD_S = 1, 2


@dataclass(frozen=True)
class Effort:
    """How long a case takes."""

    turns: int
    seconds: float
    """Of one server in one turn."""


def take_turns(
    names: Iterable[str], measure: Callable[[str, float], Load], effort: Effort
) -> dict[str, list[Load]]:
    """Measure each in turn, again and again (A B C A B C …), after one short warm-up of each."""
    loads: dict[str, list[Load]] = {name: [] for name in names}
    for name in loads:
        measure(name, WARM_S)
    for _ in range(effort.turns):
        for name, found in loads.items():
            found.append(measure(name, effort.seconds))
    return loads


def saturate(running: Running, bodies: Bodies, n_connections: int, seconds: float) -> Load:
    """Return a server's throughput in a closed loop, and the processor time per request."""
    before_s = running.cpu_s()
    load = closed_loop(running.port, bodies, n_connections, seconds)
    cpu_us = (running.cpu_s() - before_s) / max(load.requests_s * seconds, 1) * 1e6
    return replace(load, cpu_us=cpu_us)


def one_row(model: str, servers: Servers, effort: Effort) -> Case:
    """One row per request: the scorer with profiles and records on, the echo, the peers."""

    def measure(name: str, seconds: float) -> Load:
        return saturate(servers.running[name], servers.one[name], CONNECTIONS, seconds)

    loads = take_turns([ECHO, SCORER, *servers.peers], measure, effort)
    own, peers = loads[SCORER], {name: loads[name] for name in servers.peers}
    title = f"{model}, one row per request, {CONNECTIONS} connections"
    of_echo = ratios(own, loads[ECHO])
    verdicts = [
        Verdict(
            f"{model}: requests/s relative to the bare echo",
            "at least",
            ECHO_LIMITS[model],
            of_echo,
        ),
        no_error(f"{model}, one row", own),
    ]
    if model == "boosted":
        name = f"{model}: requests/s relative to the best peer"
        verdicts.append(against_best(name, PEER_LIMIT, own, peers))
    return Case(title, loads, tuple(verdicts))


def records_cost(model: str, servers: Servers, effort: Effort) -> Case:
    """One row per request: profiles and records on against off.

    They are written in the background. Each turn begins with load that is not measured, so that the measured
    part includes the writing of earlier rows, and ends only when all rows are written.
    """

    def measure(name: str, seconds: float) -> Load:
        running, bodies = servers.running[name], servers.one[name]
        closed_loop(running.port, bodies, CONNECTIONS, LEAD_S)
        load = saturate(running, bodies, CONNECTIONS, seconds)
        if name == SCORER:
            settle(running)
        return load

    loads = take_turns([SCORER, SCORER_OFF], measure, effort)
    title = f"{model}, profiles and records on and off, {CONNECTIONS} connections"
    return Case(title, loads, (), note=recorded(servers.running[SCORER]))


def many_rows(model: str, servers: Servers, effort: Effort, n_rows: int) -> Case:
    """Many rows per request, in JSON: the scorer against the peers."""

    def measure(name: str, seconds: float) -> Load:
        running, bodies = servers.running[name], servers.many[name]
        return saturate(running, bodies, CONNECTIONS_MANY, seconds)

    loads = take_turns([SCORER, *servers.peers], measure, effort)
    peers = {name: loads[name] for name in servers.peers}
    name = f"{model}: rows/s relative to the best peer, {n_rows:,} rows per request"
    verdicts = (
        against_best(name, MANY_LIMIT, loads[SCORER], peers),
        no_error(f"{model}, {n_rows:,} rows", loads[SCORER]),
    )
    title = f"{model}, {n_rows:,} rows per request, {CONNECTIONS_MANY} connections"
    return Case(title, loads, verdicts, n_rows)


def arrow(trained: Trained, servers: Servers, effort: Effort, n_rows: int, directory: Path) -> Case:
    """Many rows per request: an Arrow stream against JSON, both to the scorer."""
    running = servers.running[SCORER]
    contents = [trained.arrow_body(i * n_rows, n_rows) for i in range(N_MANY)]
    bodies = {
        "Arrow": Bodies.write(directory, PREDICT, ARROW, contents, n_rows),
        "JSON": servers.many[SCORER],
    }
    name = f"{trained.name}: rows/s in Arrow relative to JSON, {n_rows:,} rows per request"
    title = f"{trained.name}, Arrow and JSON, {n_rows:,} rows per request"
    try:
        running.post(PREDICT, ARROW, contents[0])
    except HTTPError as error:
        refused = f"the scorer answers {error.code} to {ARROW}"
        return Case(title, {}, (Verdict(name, "at least", ARROW_LIMIT, (), refused=refused),))

    def measure(form: str, seconds: float) -> Load:
        return saturate(running, bodies[form], CONNECTIONS_MANY, seconds)

    loads = take_turns(bodies, measure, effort)
    times = ratios(loads["Arrow"], loads["JSON"])
    return Case(title, loads, (Verdict(name, "at least", ARROW_LIMIT, times),), n_rows)
