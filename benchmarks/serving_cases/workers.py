"""Two workers of the scorer against one, if there are cores for them and for the load."""

from contextlib import ExitStack
from pathlib import Path

from benchmarks.load.figures import Bodies, Load
from benchmarks.serving_cases.models import Trained
from benchmarks.serving_cases.servers import SERVER_CORE, scorer
from benchmarks.serving_cases.throughput import CONNECTIONS, Effort, saturate, take_turns
from benchmarks.serving_cases.verdict import Case, Verdict, ratios

WORKERS_LIMIT = 1.7
N_CORES = 3


def two_workers(
    trained: Trained, bodies: Bodies, directory: Path, effort: Effort, n_cores: int
) -> Case:
    """Return the throughput of two workers on two cores against one on one."""
    name = "requests/s of two workers relative to one"
    if n_cores < N_CORES:
        reason = f"{n_cores} cores; two workers and the load need {N_CORES}"
        verdict = Verdict(name, "at least", WORKERS_LIMIT, (), not_judged=reason)
        return Case("two workers", {}, (verdict,))
    cores = {"one worker": (SERVER_CORE,), "two workers": (SERVER_CORE, SERVER_CORE + 1)}
    with ExitStack() as stack:
        running = {
            key: stack.enter_context(
                scorer(trained.bento, directory / key.replace(" ", "-"), records=True, cores=taken)
            )
            for key, taken in cores.items()
        }

        def measure(key: str, seconds: float) -> Load:
            return saturate(running[key], bodies, 2 * CONNECTIONS, seconds)

        loads = take_turns(cores, measure, effort)
    times = ratios(loads["two workers"], loads["one worker"])
    verdict = Verdict(name, "at least", WORKERS_LIMIT, times)
    return Case(f"two workers, {2 * CONNECTIONS} connections", loads, (verdict,))
