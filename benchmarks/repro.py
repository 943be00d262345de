"""The graph's overhead beside the work of its stages, as ratios from one run.

`dvc repro` from nothing against the same stage functions called in one warm process (limit 1.4), and
an up-to-date `dvc repro` against a bare `dvc status` (limit 1.5). Each pair runs turn by turn in
copies of this repository, and the median of the ratios is judged.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.project import Project, make_project

WARM = """
import os, sys, time
from importlib import import_module
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
import numpy, yaml
stages = yaml.safe_load(open("dvc.yaml"))["stages"]
modules = [import_module(f"stages.{name}") for name in stages]
import_module("sklearn.ensemble"), import_module("sklearn.linear_model")
start = time.perf_counter()
for module in modules:
    module.main()
print(f"seconds {time.perf_counter() - start}")
"""
REPRO_LIMIT, STATUS_LIMIT = 1.4, 1.5


def warm_seconds(project: Project) -> float:
    """Return how long the stage functions take, one after the other, once all is imported."""
    for name in ("data/features", "models", "reports", ".dvc/cache"):
        shutil.rmtree(project.path / name, ignore_errors=True)
    printed = project.run(sys.executable, "-c", WARM).stdout
    return float(printed.rsplit("seconds ", 1)[1])


def cold_seconds(project: Project) -> float:
    """Return how long `dvc repro` takes with an empty cache and no lock."""
    shutil.rmtree(project.path / ".dvc/cache", ignore_errors=True)
    (project.path / "dvc.lock").unlink(missing_ok=True)
    return seconds(project, "repro", "--force")


def seconds(project: Project, *arguments: str) -> float:
    """Return how long one dvc command takes."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=project.path,
        env=project.environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def judged(name: str, ratios: list[float], limit: float) -> bool:
    """Print one line; return whether the median is within the limit."""
    median = statistics.median(ratios)
    turns = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"{name}: {median:.2f} (limit {limit}; turns {turns})", flush=True)
    return median <= limit


def main() -> int:
    """Print both ratios; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory() as temporary:
        cold, warm = (
            make_project(Path(temporary) / name / "project", "flights") for name in ("cold", "warm")
        )
        for project in (cold, warm):
            project.run(sys.executable, "-m", "compileall", "-q", "mooring", "stages")
        repro = [cold_seconds(cold) / warm_seconds(warm) for _ in range(turns)]
        kept = judged("dvc repro from nothing / one warm process", repro, REPRO_LIMIT)
        status = [seconds(cold, "repro") / seconds(cold, "status") for _ in range(3 * turns)]
        kept &= judged("dvc repro up to date / dvc status", status, STATUS_LIMIT)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
