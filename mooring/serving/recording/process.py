"""The recording process on its worker's side: one thread starts it, feeds it and reads its answers."""

import fcntl
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from mooring.serving.recording import child
from mooring.serving.recording.frames import ACK_BYTES, Ack, acks_of

SOURCES = Path(__file__).parents[3]
"""The sealed sources of the bento, which were checked before this was imported."""
PIPE_BYTES = 2**20
"""The most that Linux grants to anybody: some thousand rows, so that the two rarely wait for each other."""
N_ACKS = 64
SHIELDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that reach all processes of a server, when answered rows must still be written."""


def shield() -> None:
    """Block the signals that end a server, for this thread and every process that it starts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SHIELDED)


class RecordingProcess:
    """One process, from its start to its end."""

    def __init__(self, woken: int) -> None:
        """Start it. `woken` is a pipe that ends a wait. Raises OSError if it cannot be started."""
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", child.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=SOURCES,
            bufsize=0,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._acks, self._woken = self._process.stdin, self._process.stdout, woken
        os.set_blocking(self._input.fileno(), False)
        if sys.platform == "linux":
            with suppress(OSError):
                fcntl.fcntl(self._input, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._unsent = memoryview(b"")
        self.code: int | None = None
        """The exit code; None while it runs."""

    @property
    def is_busy(self) -> bool:
        """Whether it runs and has not read all that was sent yet."""
        return self.code is None and bool(self._unsent)

    def send(self, content: bytes) -> None:
        """Send bytes to it, now or during the next waits; it must not be busy."""
        self._unsent = memoryview(content)
        self._write()

    def finish(self) -> None:
        """End its input: it writes what it has, and ends. It must not be busy."""
        self._input.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def wait(self, timeout_s: float) -> list[Ack]:
        """Wait until something happens or the time is over; return its acknowledgements."""
        poll = select.poll()
        poll.register(self._woken, select.POLLIN)
        poll.register(self._acks, select.POLLIN)
        if self._unsent:
            poll.register(self._input, select.POLLOUT)
        ready = {fd for fd, _ in poll.poll(timeout_s * 1000)}
        if self._woken in ready:
            os.read(self._woken, PIPE_BYTES)
        if self._unsent:
            self._write()
        return self._heard() if self._acks.fileno() in ready else []

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._input.fileno(), self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # noticed when its acknowledgements end
            self._unsent = memoryview(b"")

    def _heard(self) -> list[Ack]:
        content = os.read(self._acks.fileno(), ACK_BYTES * N_ACKS)
        if content:
            return acks_of(content)
        self._acks.close()
        self._input.close()
        self.code = self._process.wait()
        return []
