"""The one shape of a peer: how it is started on a fitted pipeline, asked, and understood."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.serving_peers.running import Running
from benchmarks.serving_peers.venvs import NotRunError, environment_of, python_of

APPS = Path(__file__).parent / "apps"
Row = dict[str, Any]


@dataclass(frozen=True)
class Start:
    """What a peer starts from: its Python, the pipeline as a joblib file, an empty directory."""

    python: Path
    pipeline: Path
    directory: Path

    def run(self, *arguments: str) -> None:
        """Run the peer's Python to its end. Raises NotRunError with its last line where it fails."""
        done = subprocess.run(
            [str(self.python), *arguments],
            env=environment_of(self.python, self.directory),
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode != 0:
            raise NotRunError(done.stderr.strip().rsplit("\n", 1)[-1])


@dataclass(frozen=True)
class Peer:
    """One server of scikit-learn pipelines."""

    name: str
    requirements: str
    """The name of its list of pins, and of its environment."""
    shown: Sequence[str]
    """The packages whose versions the page shows."""
    command: Callable[[Start], Sequence[str]]
    """What starts it, after writing what it needs."""
    path: str
    ready: str
    encode: Callable[[Sequence[Row]], Any]
    """Rows of the pipeline's columns → the JSON value of a request."""
    scores: Callable[[Any], Sequence[float]]
    """The JSON value of an answer → one score a row."""

    def body(self, rows: Sequence[Row]) -> bytes:
        """Return the body of a request, without extra spaces."""
        return json.dumps(self.encode(rows), separators=(",", ":")).encode()

    def start(self, pipeline: Path, directory: Path, core: int) -> Running:
        """Return its server, not yet entered. Raises NotRunError where it cannot be installed."""
        python = python_of(self.requirements)
        start = Start(python, pipeline, directory)
        own = {"PIPELINE": str(pipeline), "PYTHONPATH": str(APPS)}
        directory.mkdir(parents=True)
        return Running(
            name=self.name,
            command=self.command(start),
            environment=environment_of(python, directory) | own,
            directory=directory,
            ready=self.ready,
            cores=(core,),
        )
