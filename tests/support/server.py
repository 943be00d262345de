"""A bento served by `bentoml serve`, on loopback, for as long as a test needs it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

from mooring import files
from mooring.bento.sealed import BENTO, UNNAMED, seal

PATIENCE_S = 60


def wait_until(condition: Callable[[], Any]) -> Any:
    """Return the first true value of a condition."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def unpack(archive: Path, directory: Path) -> Path:
    """Unpack a bento's archive; return the directory."""
    with tarfile.open(archive) as tar:
        safe: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # from 3.11.4 on
        tar.extractall(directory, **safe)
    return directory


def with_serving(bento: Path, directory: Path, **changes: dict[str, Any]) -> Path:
    """Copy a bento, change groups of its conf/serving, and seal it again; return the copy."""
    copy = Path(shutil.copytree(bento, directory))
    path = copy / "src/release/served.json"
    served = files.read_json(path)
    for group, values in changes.items():
        served["serving"][group] |= values
    files.write_json(path, served)
    described = (copy / BENTO).read_text()
    version = re.search(r"^version: '?(\w+)", described, re.M)
    assert version is not None
    (copy / BENTO).write_text(described.replace(version[1], UNNAMED))
    seal(copy)
    return copy


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """One server of one unpacked bento."""

    bento: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    python: Path = Path(sys.executable)

    def command(self) -> list[str]:
        """Return what starts the server in the foreground."""
        serve = [str(self.python), "-m", "bentoml", "serve", str(self.bento)]
        return [*serve, "--host", "127.0.0.1", "--port", str(self.port)]

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        own = {
            "PATH": f"{self.python.parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            "BENTOML_HOME": str(self.home / "bentoml"),
            "BENTOML_DO_NOT_TRACK": "True",
            "MOORING_STORE": str(self.home / "store"),
        }
        self.log = self.home / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=own | self.environment,
                cwd=self.home,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait(self, path: str = "/readyz", status: int = 200) -> httpx.Response:
        """Wait until a path answers with a status; fail with the server's log if it never does."""
        end = time.monotonic() + PATIENCE_S
        answer = None
        while time.monotonic() < end and self.process.poll() is None:
            try:
                answer = self.client.get(path)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == status:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"{path}: {answer}\n{self.log.read_text()}")

    def predict(self, rows: list[dict[str, Any]], **headers: str) -> httpx.Response:
        """Post rows to /v1/predict."""
        return self.client.post("/v1/predict", json={"rows": rows}, headers=headers)

    def workers(self) -> list[int]:
        """Return the process ids of the workers, oldest first."""
        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in sorted(children, key=lambda child: child.create_time())]

    def stop(self, signalled: signal.Signals = signal.SIGTERM) -> int:
        """Signal the parent, and return its exit code."""
        self.process.send_signal(signalled)
        return self.process.wait(PATIENCE_S)
