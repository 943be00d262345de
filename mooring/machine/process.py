"""Process-wide settings: fast start and exit, pinned thread counts, and errors for a full disk, a
refused file and SIGTERM."""

import atexit
import errno
import gc
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from threadpoolctl import threadpool_limits

from mooring.errors import EnvironmentFault

TEST_TOOLS = ("hypothesis", "pytest")
"""What pandera and scikit-learn import where it is installed, and a stage has no use for."""


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import, inside the block, without garbage collection and without test tools.

    Imported objects stay alive, and scanning them repeatedly takes a tenth of an import's time.
    """
    absent = [tool for tool in TEST_TOOLS if tool not in sys.modules]
    sys.modules |= dict.fromkeys(absent)  # type: ignore[arg-type]
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        for tool in absent:
            del sys.modules[tool]


def leave(code: int) -> NoReturn:
    """End this process without tearing down its imports, which takes up to half a second."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def wait_passively() -> None:
    """Let idle OpenMP threads sleep instead of spin; must come before anything loads OpenMP.

    With more runnable threads than cores, spinning made a training three times slower.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def pin_threads(n_threads: int) -> None:
    """Limit every thread pool, loaded now or later, to `n_threads`: a model's bytes depend on it."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(n_threads)
    threadpool_limits(n_threads)


@contextmanager
def explain_full_disk() -> Iterator[None]:
    """Turn the system's 'no space left' into an error that says how much space that disk has left."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise EnvironmentFault(
            "the disk is full; existing files are unchanged",
            where=str(error.filename or "."),
            got=_free(Path(error.filename or ".")),
            fix="free some space, then run the same command again",
        ) from error


@contextmanager
def explain_refusal() -> Iterator[None]:
    """Turn a permission error or a read-only disk into an EnvironmentFault."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES) or not error.filename:
            raise
        raise EnvironmentFault(
            "cannot be accessed by this process",
            where=str(error.filename),
            got=error.strerror or str(error),
            fix="check its owner, and that its disk is not read-only",
        ) from error


def _free(path: Path) -> str:
    """Return how much space is left on the disk of `path`, which need not exist."""
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    return f"{shutil.disk_usage(there).free // 2**20} MB free"


@contextmanager
def ended_by_a_signal() -> Iterator[None]:
    """Turn SIGTERM into SystemExit inside the block, so that temporary files are removed."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)
