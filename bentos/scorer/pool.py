"""Score a request on the spot when it comes alone, and together with those of its turn of the loop.

One batch of eight costs a third of eight batches of one. While every turn of the event loop brings one
request, each is scored where it stands. Once a turn has brought more, those of the next wait for its
end, a few microseconds off, and are scored as one batch. What may wait is bounded.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bentos.scorer.problems import Problem
from mooring.config.serving import Admission

Scores = NDArray[np.float64]


class Pool:
    """Scores lists of rows; used from one event loop."""

    def __init__(self, score: Callable[[list[Any]], Scores], admission: Admission) -> None:
        self._score, self._admission = score, admission
        self._waiting: list[tuple[list[Any], asyncio.Future[Scores]]] = []
        self._turn_began = False
        self._alone = True

    @property
    def n_waiting(self) -> int:
        """How many requests wait for the end of this turn."""
        return len(self._waiting)

    async def score(self, rows: list[Any]) -> Scores:
        """Return one score a row. Raises Problem 503 where too many requests wait already."""
        loop = asyncio.get_running_loop()
        if not self._turn_began:
            self._turn_began = True
            loop.call_soon(self._end_turn)
            if self._alone:
                return self._score(rows)
        if len(self._waiting) >= self._admission.waiting_requests:
            seconds = self._admission.retry_after_s
            detail = f"{len(self._waiting)} requests wait already"
            raise Problem(503, detail, headers=((b"retry-after", b"%d" % seconds),))
        future: asyncio.Future[Scores] = loop.create_future()
        self._waiting.append((rows, future))
        return await future

    def _end_turn(self) -> None:
        self._turn_began = False
        waiting, self._waiting = self._waiting, []
        # A turn in which the first was scored on the spot and one more came was not lonely either.
        self._alone = len(waiting) < (1 if self._alone else 2)
        if not waiting:
            return
        try:
            scores = self._score([row for rows, _ in waiting for row in rows])
        except Exception as error:  # noqa: BLE001 - each waiting request must hear of it
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        start = 0
        for rows, future in waiting:
            end = start + len(rows)
            if not future.done():  # its client may have hung up
                future.set_result(scores[start:end])
            start = end
