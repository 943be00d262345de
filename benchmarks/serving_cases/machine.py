"""The machine of a run: its processor and the versions, but nothing that identifies it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.serving_peers.peers import PEERS
from benchmarks.serving_peers.venvs import pinned

OWN = ("bentoml", "onnxruntime", "uvicorn", "uvloop", "httptools", "scikit-learn", "numpy")


def cores() -> list[int]:
    """Return the cores that this process may use."""
    return sorted(os.sched_getaffinity(0))


def described(n_cores: int) -> list[str]:
    """Return one line for the processor, one for ours and one for each peer's versions."""
    system = f"{platform.system()}, Python {platform.python_version()}"
    ours = ", ".join(f"{name} {version(name)}" for name in OWN)
    lines = [f"{n_cores} cores of {_processor()}; {system}", f"scorer and echo: {ours}"]
    for peer in PEERS:
        pins = ", ".join(pinned(peer.requirements, name).replace("==", " ") for name in peer.shown)
        lines.append(f"{peer.name}: {pins}")
    return lines


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
