"""Record which requests were answered, so that an interrupted replay resumes where it stopped.

In: one record for each answer. Out: `<directory>/plan.json`, replaced atomically, and `answers.bin`, to which
each record is appended by one write. Records survive a killed process; a power failure may lose the last
ones, and a truncated record at the end is cut off. Only one process at a time holds a journal.
"""

import errno
import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mooring import files
from mooring.errors import EnvironmentFault, IntegrityError
from mooring.replay.past_rows import Mask

RECORD = np.dtype(
    [("number", "<u8"), ("rows", "<u4"), ("status", "<u2"), ("cuts", "<u2"), ("latency_s", "<f4")]
)
FIX = "run it again with --restart"


class AnsweredRequest(NamedTuple):
    """The answer to one request."""

    number: int
    rows: int
    status: int
    cuts: int
    """How many earlier attempts lost their connection without an answer."""
    latency_s: float


class Journal:
    """The journal of one plan."""

    def __init__(self, directory: Path, facts: Mapping[str, Any], *, restart: bool) -> None:
        """Open or create a journal.

        Raises EnvironmentFault when another process holds it, IntegrityError when it is corrupt.
        """
        directory.mkdir(parents=True, exist_ok=True)
        plan, self._path = directory / "plan.json", directory / "answers.bin"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self._lock(directory)
            self.run = int(files.read_json(plan)["run"]) if plan.is_file() else 1
            if restart and plan.is_file():
                self.run += 1
            if restart or not plan.is_file():
                # Write the run's number first, so that a new run never reuses a request id.
                files.write_json(plan, {**facts, "run": self.run})
                os.ftruncate(self._file, 0)
            self.answers = self.read()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Sync the journal to disk and release it."""
        os.fsync(self._file)
        os.close(self._file)

    def append(self, answer: AnsweredRequest) -> None:
        """Append one answer. Raises OSError when the disk is full."""
        if os.write(self._file, np.array([answer], dtype=RECORD).tobytes()) < RECORD.itemsize:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def read(self) -> NDArray[np.void]:
        """Return all answers so far, as RECORD. Raises IntegrityError for an invalid record."""
        content = self._path.read_bytes()
        n_whole = len(content) // RECORD.itemsize
        if n_whole * RECORD.itemsize < len(content):
            os.ftruncate(self._file, n_whole * RECORD.itemsize)
        answers = np.frombuffer(content, RECORD, n_whole)
        odd = (answers["status"] < 100) | (answers["status"] > 599) | ~(answers["latency_s"] >= 0)
        if odd.any():
            raise self._spoilt(f"record {int(np.argmax(odd))} is invalid")
        if len(np.unique(answers["number"])) < n_whole:
            raise self._spoilt("two answers to one request")
        return answers

    def answered(self, n_requests: int) -> Mask:
        """Return which requests are answered, (n_requests,)."""
        numbers = self.answers["number"]
        if (numbers >= n_requests).any():
            raise self._spoilt(f"an answer to request {int(numbers.max())} of {n_requests}")
        found = np.zeros(n_requests, dtype=bool)
        found[numbers] = True
        return found

    def _lock(self, directory: Path) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EnvironmentFault(
                "this replay is already running in another process", where=str(directory)
            ) from error

    def _spoilt(self, got: str) -> IntegrityError:
        return IntegrityError("is corrupt", where=str(self._path), got=got, fix=FIX)
