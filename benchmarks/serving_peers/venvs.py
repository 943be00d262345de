"""A virtual environment for each peer, from exact pins, made once and kept under .mooring/bench."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".mooring/bench"
REQUIREMENTS = Path(__file__).parent / "requirements"
PATIENCE_S = 900


class NotRunError(Exception):
    """A peer that cannot be measured here, and why."""


def python_of(name: str, requirements: Path = REQUIREMENTS) -> Path:
    """Return the Python of a peer's environment, which is made anew when its pins change.

    Its pins are the file of its name in `requirements`.

    Raises NotRunError where the pins cannot be installed.
    """
    pins = requirements / f"{name}.txt"
    digest = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()
    home, mark = CACHE / name, CACHE / name / "made-from"
    if not (mark.is_file() and mark.read_text() == digest):
        print(f"making the environment of {name}, once", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        _run(name, [sys.executable, "-m", "venv", str(home)])
        pip = [str(home / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        _run(name, [*pip, "install", "--no-deps", "-r", str(pins)])
        mark.write_text(digest)
    return home / "bin/python"


def environment_of(python: Path, home: Path) -> dict[str, str]:
    """Return what a peer's process sees: one thread for its arithmetic, and nothing of ours."""
    home.mkdir(parents=True, exist_ok=True)
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return dict.fromkeys(threads, "1") | {
        "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "BENTOML_HOME": str(home / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def pinned(name: str, package: str) -> str:
    """Return the pin of one package of a peer."""
    for line in (REQUIREMENTS / f"{name}.txt").read_text().splitlines():
        if line.startswith(f"{package}=="):
            return line.split(" ;")[0]
    raise KeyError(package)


def _run(name: str, command: list[str]) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    try:
        done = subprocess.run(command, env=kept, capture_output=True, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired as error:
        raise NotRunError(f"its installation took more than {PATIENCE_S} s") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().rsplit("\n", 1)[-1]
        raise NotRunError(f"its pins of {name}.txt do not install here: {last}")
