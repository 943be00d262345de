"""Tie a process to its parent, so that it never outlives the process that would have stopped it."""

import ctypes
import os
import signal
import sys

from mooring.errors import EnvironmentFault

PR_SET_PDEATHSIG = 1


def die_with_parent(signalled: signal.Signals = signal.SIGKILL, parent: int | None = None) -> None:
    """Ask the kernel to send `signalled` to this process when its parent ends (prctl(2); Linux only).

    Given the process id of the `parent`, it also detects a parent that has already ended.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid() if parent is None else parent
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signalled) != 0:
        raise EnvironmentFault(
            "cannot be tied to its parent process",
            where=f"process {os.getpid()}",
            got=os.strerror(ctypes.get_errno()),
        )
    if os.getppid() != parent or _is_orphan():  # the parent ended before the prctl call
        os.kill(os.getpid(), signalled)


def _is_orphan() -> bool:
    """Return whether DVC started this process and has ended since.

    DVC runs its stages in its own process group; the process that adopts an orphan is in another.
    """
    return "DVC_STAGE" in os.environ and os.getpgid(os.getppid()) != os.getpgrp()
