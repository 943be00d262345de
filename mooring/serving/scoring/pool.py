"""Score a request at once if it arrives alone, else with the others of its turn of the loop.

One batch of eight costs a third of eight batches of one. While every turn of the event loop brings one
request, each is scored at once. After a turn with more, the requests of the next wait for its end, a
few microseconds later, and are scored as one batch. Large bodies are processed in a thread, one after
the other, so that small ones need not wait for them. The number that may wait is limited.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from mooring.config.serving import Admission
from mooring.serving.problems import Problem
from mooring.serving.scored import Asked

T = TypeVar("T")
Done = Callable[[Any, BaseException | None], None]
"""Takes the scores of one request, or the error."""


class Scores(Protocol):
    """The scores of several requests."""

    def part(self, start: int, end: int) -> Any:
        """Return the scores of the rows of one of them."""


class Pool:
    """Scores lists of rows; used from one event loop."""

    def __init__(
        self, score: Callable[[list[Any], Sequence[Asked]], Scores], admission: Admission
    ) -> None:
        self._score, self._admission = score, admission
        self._waiting: list[tuple[list[Any], str, Done]] = []
        self._turn_began = False
        self._alone = True
        self._large = ThreadPoolExecutor(1, "large")
        self._n_large = self._peak = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def take_peak(self) -> int:
        """Return how many requests have waited at once since the last call."""
        peak, self._peak = self._peak, self._n_large
        return peak

    def refuse_if_full(self) -> None:
        """Raise Problem 503 if score or run would, before anything is done for a request."""
        self._admit(max(len(self._waiting), self._n_large))

    def submit(self, rows: list[Any], request_id: str, done: Done) -> None:
        """Call `done` with one score per row: now for a request alone, else at the end of this turn.

        Raises Problem 503 if too many requests are waiting already.
        """
        if not self._turn_began:
            self._turn_began = True
            self._running_loop().call_soon(self._end_turn)
            if self._alone:
                self._settle([(rows, request_id, done)])
                return
        self._admit(len(self._waiting))
        self._waiting.append((rows, request_id, done))

    async def score(self, rows: list[Any], request_id: str) -> Any:
        """Return one score per row. Raises Problem 503 as submit does."""
        future: asyncio.Future[Any] = self._running_loop().create_future()

        def done(scores: Any, error: BaseException | None) -> None:
            if future.done():  # its client has hung up
                return
            if error is None:
                future.set_result(scores)
            else:
                future.set_exception(error)

        self.submit(rows, request_id, done)
        return await future

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work of a large request in the thread. Raises Problem 503 as score does."""
        self._admit(self._n_large)
        self._n_large += 1
        self._peak = max(self._peak, self._n_large)
        try:
            return await self._running_loop().run_in_executor(self._large, work)
        finally:
            self._n_large -= 1

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:  # get_running_loop makes a system call each time
            self._loop = asyncio.get_running_loop()
        return self._loop

    def _admit(self, n_waiting: int) -> None:
        if n_waiting >= self._admission.waiting_requests:
            raise busy(f"{n_waiting} requests are waiting already", 503, self._admission)

    def _end_turn(self) -> None:
        self._turn_began = False
        waiting, self._waiting = self._waiting, []
        # A turn whose first request was scored at once, and which had one more, counts as shared too.
        self._alone = len(waiting) < (1 if self._alone else 2)
        if not waiting:
            return
        self._peak = max(self._peak, len(waiting) + self._n_large)
        self._settle(waiting)

    def _settle(self, waiting: list[tuple[list[Any], str, Done]]) -> None:
        """Score requests as one batch, and give each its scores."""
        try:
            asked = [(request_id, len(rows)) for rows, request_id, _ in waiting]
            scores = self._score([row for rows, _, _ in waiting for row in rows], asked)
        except Exception as error:  # noqa: BLE001 - each waiting request gets the error
            for _, _, done in waiting:
                done(None, error)
            return
        start = 0
        for rows, _, done in waiting:
            end = start + len(rows)
            done(scores.part(start, end), None)
            start = end


class OpenRequests:
    """How many requests are open, in all and from each client."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._header = (admission.client_header or "").encode()
        self._by_client: dict[Any, int] = {}
        self.n = 0

    def enter(self, headers: dict[bytes, bytes], peer: tuple[str, int] | None) -> Any:
        """Count one more; return the client. Raises Problem 503, or 429 for this client alone."""
        if self.n >= self._admission.open_requests:
            raise busy(f"{self.n} requests are open", 503, self._admission)
        client = headers.get(self._header) if self._header else peer and peer[0]
        n = self._by_client.get(client, 0)
        if n >= self._admission.open_requests_per_client:
            raise busy(f"{n} requests of this client are open", 429, self._admission)
        self._by_client[client] = n + 1
        self.n += 1
        return client

    def leave(self, client: Any) -> None:
        """Count one less."""
        self.n -= 1
        n = self._by_client[client] - 1
        if n:
            self._by_client[client] = n
        else:
            del self._by_client[client]


def busy(detail: str, status: int, admission: Admission) -> Problem:
    """Return the refusal of one request too many, which says when to try again."""
    return Problem(status, detail, headers=((b"retry-after", b"%d" % admission.retry_after_s),))
