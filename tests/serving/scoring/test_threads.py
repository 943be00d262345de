"""A request takes the processor time of one thread: no BLAS, whose threads would spin beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.exported import export
from tests.support.project import ROOT

N_ROWS = 10_000
"""Above the 10,000 numbers from which OpenBLAS gives the threads of its pool a dot product to share."""
BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SCORED = """
import json, os, sys, time
from pathlib import Path
import numpy as np
from mooring.bento.compiled import Scorer
from mooring.serving.scoring.predictor import Predictor
from tests.serving.http.test_openapi import served, serving
from tests.serving.reading.test_rows import schema

model = Scorer.load(Path(sys.argv[1]), 1)
policies = serving().model_copy(update={"limits": serving().limits.model_copy(update={"rows": 20_000})})
request = schema(city={"kind": "category", "description": ""})
predictor = Predictor(request, served(request, policies), "0" * 16, [model])
body = Path(sys.argv[2]).read_bytes()


def score():
    columns = predictor.rows.read_columns(body)
    if sys.argv[3] == "blas":
        np.dot(columns.numbers.ravel(), columns.numbers.ravel())
    return predictor._worked(columns, [("r", columns.n_rows)])


def ran_ns():
    return {
        int(task.name): int((task / "schedstat").read_text().split()[0])
        for task in Path("/proc/self/task").iterdir()
    }


score()
before, ours = ran_ns(), time.thread_time_ns()
for _ in range(10):
    score()
ours, after = time.thread_time_ns() - ours, ran_ns()
main = os.getpid()
others = sum(after[task] - before.get(task, 0) for task in after if task != main)
print(json.dumps({"started": len(after.keys() - before.keys()), "others": others, "ours": ours}))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a compiled model and the body of a large request."""
    directory = tmp_path_factory.mktemp("threads")
    export(directory)
    row = {"x": 1.5, "y": None, "z": -2, "city": "Troy", "word": "alpha"}
    (directory / "body").write_text(json.dumps({"rows": [row] * N_ROWS}))
    return directory


def measured(exported: Path, way: str) -> dict[str, Any]:
    """Score a large request in a process whose BLAS may have as many threads as there are cores."""
    command = [sys.executable, "-c", SCORED, str(exported / "scorer"), str(exported / "body"), way]
    environment = {name: value for name, value in os.environ.items() if name not in BLAS_THREADS}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_a_large_request_takes_the_processor_time_of_its_own_thread_alone(exported: Path) -> None:
    found = measured(exported, "as it is")
    assert found["started"] == 0
    assert found["others"] <= found["ours"] / 100


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="BLAS has no second thread here")
def test_one_dot_product_on_its_way_would_show(exported: Path) -> None:
    found = measured(exported, "blas")
    assert found["started"] > 0 or found["others"] > found["ours"] / 100
