"""Write docs/benchmarks.md from the figures of one run of the serving benchmark."""

import math
from collections.abc import Sequence
from pathlib import Path

from benchmarks.serving_cases.verdict import Case
from mooring import files

HEAD = """# Benchmarks: serving

`{command}` writes this page; do not edit it. All figures come from one run on one machine:

{machine}

Every server has one worker on one core, and the load comes from another core over loopback. In each turn
the servers are measured one after the other, and each ratio compares figures of the same turn: absolute
figures vary with the machine and its load, but ratios are stable. The peers load the same scikit-learn
pipeline that the scorer's model was compiled from, in environments of their own (pins:
benchmarks/serving_peers/requirements), with access logs off if they can be switched off. They receive the
pipeline's columns ready-made. The scorer derives them from the flight itself, checks every value, and
writes profiles and records unless a row says "records off". Before the run, all servers' scores are
compared. The bare echo shows the limit of what uvicorn can do: it sends back the bytes that it received.

In the closed loop, each wrk connection sends its next request as soon as it has an answer. In the open loop,
requests leave at even intervals, and latency counts from the moment at which a request was due. The p99 limit
compares the scorer with and without records in the open loop, at half of its closed-loop throughput.

## Limits

| ratio or count | limit | median | turns | result |
| --- | --- | --- | --- | --- |
"""
FIGURES = """
## {title}

| server | {unit} | relative to the first | p50 ms | p95 ms | p99 ms | CPU µs per request | errors |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""
CURVES = """
## Latency against load

![p50 and p99 of each server against its request rate]({chart})

{title}, with each server at several shares of its own closed-loop throughput.
"""


def write_report(
    path: Path,
    command: str,
    machine: Sequence[str],
    cases: Sequence[Case],
    not_run: dict[str, str],
    chart: tuple[str, str],
) -> None:
    """Replace the page. `chart` is its file's name beside the page, and its title."""
    text = HEAD.format(command=command, machine="\n".join(f"- {line}" for line in machine))
    text += "".join(_limits(case) for case in cases)
    for name, reason in not_run.items():
        text += f"\n{name}: not run: {_cell(reason)}\n"
    text += "".join(_figures(case) for case in cases if case.loads)
    text += CURVES.format(chart=chart[0], title=chart[1])
    files.write_text(path, text)


def _limits(case: Case) -> str:
    lines = ""
    for verdict in case.verdicts:
        limit = f"{verdict.side} {verdict.limit:g}"
        median = f"{verdict.median:.3g}" if verdict.ratios else ""
        turns = ", ".join(f"{ratio:.3g}" for ratio in verdict.ratios) or _cell(verdict.measured)
        lines += f"| {verdict.name} | {limit} | {median} | {turns} | {verdict.outcome} |\n"
    return lines


def _figures(case: Case) -> str:
    unit = "requests/s" if case.rows_per_request == 1 else "rows/s"
    text = FIGURES.format(title=case.title[0].upper() + case.title[1:], unit=unit)
    first = case.middle(next(iter(case.loads)))
    for name in case.loads:
        load = case.middle(name)
        share = load.requests_s / first.requests_s
        latencies = f"{load.p50_ms:.2f} | {load.p95_ms:.2f} | {load.p99_ms:.2f}"
        cpu = "" if math.isnan(load.cpu_us) else f"{load.cpu_us:,.0f}"
        rate = load.requests_s * case.rows_per_request
        text += f"| {name} | {rate:,.0f} | {share:.3g} | {latencies} | {cpu} | {load.n_errors} |\n"
    return text + (f"\n{case.note}\n" if case.note else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
