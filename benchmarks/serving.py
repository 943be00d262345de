"""The scorer beside a bare echo and four servers of scikit-learn, all in one run, turn by turn.

    python -m benchmarks.serving [--quick] [--soak-s 600] [--write]

In: the flights, two models trained by the graph. Out: each case with its limit on standard output; with
--write docs/benchmarks.md and docs/latency.svg. Exits 1 when a limit is missed. Needs Linux and two cores:
servers are pinned to the first, the load to the last.
"""

import argparse
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.closed import find_wrk
from benchmarks.serving_cases.chart import draw
from benchmarks.serving_cases.latency import SHARES, Curve, curves, same_rate
from benchmarks.serving_cases.machine import cores, described
from benchmarks.serving_cases.models import Trained, train
from benchmarks.serving_cases.report import write_report
from benchmarks.serving_cases.servers import SCORER, scorer, serving
from benchmarks.serving_cases.soak import soaked
from benchmarks.serving_cases.start import start_to_ready
from benchmarks.serving_cases.throughput import Effort, arrow, many_rows, one_row, records_cost
from benchmarks.serving_cases.verdict import Case
from benchmarks.serving_cases.workers import two_workers

DOCS = Path(__file__).parents[1] / "docs"
PAGE, CHART = "benchmarks.md", "latency.svg"
N_MANY_ROWS = 1000


@dataclass(frozen=True)
class Plan:
    """How long each part of the run takes."""

    effort: Effort
    paired: Effort
    """For two servers that differ by a few per cent."""
    starts: int
    shares: tuple[float, ...]
    soak_s: float


FULL = Plan(Effort(5, 4), Effort(9, 5), 5, SHARES, 60)
QUICK = Plan(Effort(2, 2), Effort(3, 2), 2, SHARES[::3], 12)


@dataclass
class Measured:
    """The results so far."""

    cases: list[Case]
    curves: list[Curve]
    not_run: dict[str, str]

    def add(self, case: Case) -> Case:
        """Show a case and keep it."""
        case.show()
        self.cases.append(case)
        return case


def measure_boosted(trained: Trained, directory: Path, plan: Plan, measured: Measured) -> None:
    """Measure every case that compares servers that run at the same time."""
    name = trained.name
    with serving(trained, directory / "servers", N_MANY_ROWS) as servers:
        measured.not_run |= servers.not_run
        one = measured.add(one_row(name, servers, plan.effort))
        capacity = one.middle(SCORER).requests_s
        measured.add(same_rate(name, servers, capacity, plan.paired))
        measured.add(records_cost(name, servers, plan.paired))
        measured.add(many_rows(name, servers, plan.effort, N_MANY_ROWS))
        bodies = directory / "arrow"
        measured.add(arrow(trained, servers, plan.effort, N_MANY_ROWS, bodies))
        measured.curves += curves(servers, one, plan.shares, plan.effort.seconds)


def measure_logistic(trained: Trained, directory: Path, plan: Plan, measured: Measured) -> None:
    """Measure the cheap model, whose figures show the cost of the server itself."""
    with serving(trained, directory / "servers", N_MANY_ROWS) as servers:
        measured.add(one_row(trained.name, servers, plan.effort))


def measure_alone(
    trained: Trained, directory: Path, plan: Plan, measured: Measured, n_cores: int
) -> None:
    """Measure the cases in which the scorer has the core to itself."""
    measured.add(start_to_ready(trained, directory / "start", plan.starts))
    bodies = trained.one_row_bodies(directory / "bodies")
    workers = two_workers(trained, bodies, directory / "workers", plan.effort, n_cores)
    measured.add(workers)
    with scorer(trained.bento, directory / "soak", records=True) as running:
        measured.add(soaked(running, bodies, plan.soak_s))


def options() -> argparse.Namespace:
    """Return the command-line options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, for developing")
    parser.add_argument("--soak-s", type=float, help="seconds of the soak (default 60)")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE}, docs/{CHART}")
    return parser.parse_args()


def main() -> int:
    """Run every case; return 1 if a limit is missed."""
    asked = options()
    plan = QUICK if asked.quick else FULL
    if asked.soak_s:
        plan = Plan(plan.effort, plan.paired, plan.starts, plan.shares, asked.soak_s)
    available = cores()
    if len(available) < 2:
        raise SystemExit("needs two cores: one for the server, one for the load")
    find_wrk()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends the servers as well
    measured = Measured([], [], {})
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        boosted = train("boosted", root / "boosted")
        logistic = train("logistic", root / "logistic")
        os.sched_setaffinity(0, {available[-1]})
        measure_boosted(boosted, root / "boosted", plan, measured)
        measure_logistic(logistic, root / "logistic", plan, measured)
        measure_alone(boosted, root / "alone", plan, measured, len(available))
    if asked.write:
        title = "boosted, one row per request"
        draw(measured.curves, title, DOCS / CHART)
        command = "python -m benchmarks.serving " + " ".join(sys.argv[1:])
        machine = described(len(available))
        chart = (CHART, title.capitalize())
        write_report(DOCS / PAGE, command, machine, measured.cases, measured.not_run, chart)
    missed = [v for case in measured.cases for v in case.verdicts if v.outcome == "missed"]
    print(f"\n{len(missed)} limits missed")
    for verdict in missed:
        print(f"  {verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
