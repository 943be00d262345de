"""A server that runs on cores of its own, on loopback, for as long as it is measured."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

PATIENCE_S = 120
POLL_S = 0.01


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Running:
    """One server, from its start to its end. `{port}` in the command is its port."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    directory: Path
    ready: str
    """The path that answers 200 once the model is loaded."""
    cores: Sequence[int] = (0,)
    port: int = field(default_factory=free_port)
    ready_s: float = 0.0
    """How long it took from its start until it was ready."""

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log = self.directory / "log"
        start = time.perf_counter()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *("taskset", "--cpu-list", ",".join(map(str, self.cores))),
                    *(part.format(port=self.port) for part in self.command),
                ],
                env=self.environment,
                cwd=self.directory,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        self.ready_s = time.perf_counter() - start
        return self

    def __exit__(self, *_: object) -> None:
        # A server's workers may have sessions of their own.
        family = self._family()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for process in family:
            if process.is_running():
                process.kill()
        self.process.wait()

    def resident_bytes(self) -> int:
        """Return the resident bytes of the process and all that it started."""
        return sum(process.memory_info().rss for process in self._family())

    def cpu_s(self) -> float:
        """Return the processor seconds that the same processes have used so far."""
        times = [process.cpu_times() for process in self._family()]
        return sum(used.user + used.system for used in times)

    def get(self, path: str) -> str:
        """Return the body of an answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def post(self, path: str, content_type: str, body: bytes) -> bytes:
        """Return the body of an answer. Raises HTTPError for anything but success."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"content-type": content_type}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def _family(self) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.get(self.ready)
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(POLL_S)
        tail = self.log.read_text()[-2000:]
        raise RuntimeError(f"{self.name} did not become ready:\n{tail}")
