"""Show the progress of long work: a bar on a terminal, else a line now and then."""

import sys
import time
from types import TracebackType
from typing import Self

from tqdm import tqdm

LINE_EVERY_S = 10.0


class Progress:
    """A count that grows to `total`, with a note such as the best score so far."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._printed_at = float("-inf")
        self._bar = (
            tqdm(total=total, desc=label, unit=unit, dynamic_ncols=True)
            if sys.stderr.isatty()
            else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def reach(self, done: int, note: str = "") -> None:
        """Report that `done` of the total are finished."""
        if self._bar is not None:
            self._bar.set_postfix_str(note)
            self._bar.update(done - self._bar.n)
            return
        now = time.monotonic()
        if done == self._total or now - self._printed_at >= LINE_EVERY_S:
            self._printed_at = now
            print(f"{self._label}: {done}/{self._total} {self._unit}s  {note}".rstrip(), flush=True)
