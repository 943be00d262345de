"""From the start of `bentoml serve` to ready: the scorer against a BentoML service that does nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.serving_cases.models import Trained
from benchmarks.serving_cases.servers import SERVER_CORE, scorer
from benchmarks.serving_cases.verdict import Case, Verdict
from benchmarks.serving_peers.peer import APPS
from benchmarks.serving_peers.running import Running
from benchmarks.serving_peers.venvs import environment_of

START_LIMIT = 1.3
BUILD = """
import bentoml
unlocked = {"lock_packages": False}
print(bentoml.bentos.build("empty_app:Empty", python=unlocked, build_ctx=".").path)
"""


def start_to_ready(trained: Trained, directory: Path, turns: int) -> Case:
    """Start each in turn, alternating, once for its compiled bytecode and then `turns` times.

    Both are bentos, served by the same Python on the same core.
    """
    empty = _empty_bento(directory / "empty")
    ratios = []
    for turn in range(turns + 1):
        own_s = _seconds(scorer(trained.bento, directory / f"scorer-{turn}", records=True))
        empty_s = _seconds(_served(empty, directory / f"empty-{turn}"))
        if turn:
            ratios.append(own_s / empty_s)
            print(f"  start to ready: scorer {own_s:.2f} s, empty {empty_s:.2f} s", flush=True)
    name = "start to ready relative to an empty BentoML service"
    return Case("start to ready", {}, (Verdict(name, "at most", START_LIMIT, tuple(ratios)),))


def _seconds(running: Running) -> float:
    with running:
        return running.ready_s


def _empty_bento(directory: Path) -> Path:
    context = directory / "context"
    context.mkdir(parents=True)
    shutil.copyfile(APPS / "empty_app.py", context / "empty_app.py")
    python = Path(sys.executable)
    built = subprocess.run(
        [str(python), "-c", BUILD],
        cwd=context,
        env=environment_of(python, directory),
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(built.stdout.strip().rsplit("\n", 1)[-1])


def _served(bento: Path, directory: Path) -> Running:
    python = Path(sys.executable)
    return Running(
        name="empty BentoML service",
        command=[
            *(str(python), "-m", "bentoml", "serve", str(bento)),
            *("--host", "127.0.0.1", "--port", "{port}"),
        ],
        environment=environment_of(python, directory),
        directory=directory,
        ready="/readyz",
        cores=(SERVER_CORE,),
    )
