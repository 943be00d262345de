"""What every stage process owes its surroundings: to die with its parent, to keep to its threads,
and to say so when the disk is full."""

import ctypes
import errno
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from mooring.errors import EnvironmentFault

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends (prctl(2); Linux only)."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise EnvironmentFault(
            "cannot be tied to the life of its parent",
            where=f"process {os.getpid()}",
            got=os.strerror(ctypes.get_errno()),
        )
    if os.getppid() != parent or _is_orphan():  # it ended before the request was made
        os.kill(os.getpid(), signal.SIGKILL)


def _is_orphan() -> bool:
    """Return whether DVC started this process, and ended before it got this far.

    DVC keeps its stages in its own process group; whoever adopts an orphan is in another.
    """
    return "DVC_STAGE" in os.environ and os.getpgid(os.getppid()) != os.getpgrp()


def wait_passively() -> None:
    """Let idle OpenMP threads sleep instead of spin; must come before anything loads OpenMP.

    With more runnable threads than cores, spinning made a training three times slower.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def pin_threads(n_threads: int) -> None:
    """Hold every thread pool, loaded or yet to be, to `n_threads`: a model's bytes depend on it."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(n_threads)
    threadpool_limits(n_threads)


@contextmanager
def explain_full_disk() -> Iterator[None]:
    """Turn the system's 'no space left' into an error that says how much is needed."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        free_mb = shutil.disk_usage(".").free // 2**20
        raise EnvironmentFault(
            "the disk is full; what was there before is unchanged",
            where=str(error.filename or "."),
            got=f"{free_mb} MB free",
            mend="free some space, then run 'dvc repro' again",
        ) from error
