"""Closed loop: each connection sends its next request as soon as it has its answer, with wrk.

wrk is a Debian package; this module installs it if it can. One wrk thread sends several times as many
requests as the fastest server under test answers.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.load.figures import Bodies, Load

SCRIPT = Path(__file__).with_name("wrk.lua")
TIMEOUT_S = 20


def find_wrk() -> str:
    """Return wrk's path; install it first if it is missing and this process is root on Debian."""
    found = shutil.which("wrk")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "wrk"]):
            subprocess.run(["apt-get", "-qq", *command], check=False, capture_output=True)
        found = shutil.which("wrk")
    if found is None:
        raise SystemExit("wrk is not installed. Fix: apt-get install wrk (or brew install wrk)")
    return found


def closed_loop(port: int, bodies: Bodies, n_connections: int, seconds: float) -> Load:
    """Return the results of the server on `port` under `n_connections` that never pause."""
    done = subprocess.run(
        [
            *(find_wrk(), "--threads", "1", "--connections", str(n_connections)),
            *("--duration", f"{max(1, round(seconds))}s", "--timeout", f"{TIMEOUT_S}s"),
            *("--script", str(SCRIPT), f"http://127.0.0.1:{port}{bodies.path}"),
            *("--", bodies.content_type, *map(str, bodies.files)),
        ],
        capture_output=True,
        text=True,
        timeout=seconds + 2 * TIMEOUT_S,
    )
    if done.returncode != 0:
        raise RuntimeError(f"wrk exited {done.returncode}\n{done.stdout}\n{done.stderr}")
    counted = json.loads(done.stdout.strip().rsplit("\n", 1)[1])
    return Load(
        requests_s=(counted["requests"] - counted["n_errors"]) * 1e6 / counted["duration_us"],
        p50_ms=counted["p50_us"] / 1e3,
        p95_ms=counted["p95_us"] / 1e3,
        p99_ms=counted["p99_us"] / 1e3,
        n_errors=counted["n_errors"],
    )
