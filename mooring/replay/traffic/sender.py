"""Send requests to a scorer, each until it is answered, at a pace or as fast as possible.

In: requests in order of time. Out: one AnsweredRequest each, passed to `keep`. Requests that are refused
for now (429, 503) are retried after the scorer's Retry-After; an unreachable scorer is retried for a
limited time.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from mooring.replay.journal import AnsweredRequest
from mooring.replay.pace import Pace
from mooring.replay.requests import Request
from mooring.replay.traffic.address import Address
from mooring.replay.traffic.connection import ClientConnection, Cut, Reply, connect
from mooring.replay.traffic.feed import Feed

BUSY = frozenset([429, 503])
NO_SCORER = frozenset([301, 302, 303, 307, 308, 401, 403, 404, 405, 407, 415])
"""Statuses that are not about the rows: no scorer at this address, or not allowed."""
PAUSE_S = 0.5
"""The pause before connecting again, or if a busy scorer sends no Retry-After."""
LEAVE_S = 15.0
"""How long a stopping replay waits for open requests."""
DETAIL = 300


@dataclass(frozen=True)
class SendOptions:
    """How to send."""

    concurrency: int
    """The number of open requests, each on its own connection."""
    timeout_s: float
    """The timeout of one answer."""
    patience_s: float
    """How long to retry while the scorer answers nothing or refuses everything."""


class Lane:
    """One connection and its open request."""

    def __init__(self) -> None:
        self.connection: ClientConnection | None = None
        self.request: Request | None = None
        self.asking = False
        self.task: asyncio.Task[None] | None = None


class Sender:
    """Sends the requests of one plan, on one event loop."""

    def __init__(
        self,
        address: Address,
        terms: SendOptions,
        pace: Pace,
        keep: Callable[[AnsweredRequest], None],
        name: Callable[[int], str],
    ) -> None:
        """`name` returns the id of a request, given its number."""
        self._address, self._terms, self._pace = address, terms, pace
        self._keep, self._name = keep, name
        self._lanes = [Lane() for _ in range(terms.concurrency)]
        self._heard_at = float("-inf")
        self._taken_until = float("-inf")
        self._stopping = False
        self.gave_up = ""
        """Why it gave up before the end, '' if it did not."""
        self.details: dict[int, str] = {}
        """By status other than 200: the detail of the first answer."""
        self.n_busy = Counter[int]()
        """By status: how often a request had to be retried later."""

    def answered_until(self) -> float:
        """Return the time up to which all rows are answered, by the rows' clock, in seconds since 1970."""
        return min(
            (lane.request.at for lane in self._lanes if lane.request is not None),
            default=self._taken_until,
        )

    async def run(self, feed: Feed) -> None:
        """Send all requests; return when all are answered, or after a stop the open ones."""
        for lane in self._lanes:
            lane.task = asyncio.create_task(self._serve(lane, feed))
        tasks = [lane.task for lane in self._lanes if lane.task is not None]
        try:
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for lane in self._lanes:
                if lane.connection is not None:
                    lane.connection.close()
        for error in outcomes:
            if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
                raise error

    def stop(self) -> None:
        """Send no more requests; open ones have a while to be answered."""
        self._stopping = True
        for lane in self._lanes:
            if lane.task is not None and not lane.asking:
                lane.task.cancel()
        asyncio.get_running_loop().call_later(LEAVE_S, self._leave)

    def _leave(self) -> None:
        for lane in self._lanes:
            if lane.task is not None:
                lane.task.cancel()

    async def _serve(self, lane: Lane, feed: Feed) -> None:
        try:
            while not self._stopping and (request := await feed.take()) is not None:
                lane.request, self._taken_until = request, request.at
                began = await self._pace.wait(request.at)
                if await self._deliver(lane, request, began):
                    lane.request = None
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        except BaseException:
            self.stop()  # an error in one lane, such as in the rows, ends them all
            raise

    async def _deliver(self, lane: Lane, request: Request, began: float) -> bool:
        """Send a request until it is answered or the sender stops; its latency starts at `began`."""
        content = self._address.request(self._name(request.number), request.body)
        n_cut, since = 0, time.monotonic()
        while not self._stopping:
            try:
                reply = await self._ask(lane, content)
            except Cut:
                n_cut += 1
                await self._again(
                    since, PAUSE_S, "closes every connection or does not answer in time"
                )
                continue
            except OSError as error:
                await self._again(since, PAUSE_S, f"is unreachable: {error or 'no answer in time'}")
                continue
            if reply.status in BUSY:
                self._remark(reply)
                self.n_busy[reply.status] += 1
                await self._again(since, _retry_after_s(reply), f"answers {reply.status}")
            elif reply.status in NO_SCORER:
                self._remark(reply)
                self._give_up(f"answers {reply.status}, so there is no scorer")
            else:
                self._heard_at = time.monotonic()
                self._remark(reply)
                taken_s = time.perf_counter() - began
                self._keep(
                    AnsweredRequest(request.number, request.n_rows, reply.status, n_cut, taken_s)
                )
                return True
        return False

    async def _ask(self, lane: Lane, content: bytes) -> Reply:
        if lane.connection is None or not lane.connection.usable:
            if lane.connection is not None:
                lane.connection.close()
            lane.connection = await connect(self._address)
        lane.asking = True
        try:
            return await lane.connection.ask(content, self._terms.timeout_s)
        finally:
            lane.asking = False

    async def _again(self, since: float, pause_s: float, why: str) -> None:
        """Wait before retrying a request first sent at `since`, or give up after the patience."""
        waited_s = time.monotonic() - max(since, self._heard_at)
        if waited_s + pause_s > self._terms.patience_s:
            self._give_up(
                f"{why} for {waited_s:.0f} s; the next attempt would be in {pause_s:.0f} s"
            )
        elif not self._stopping:
            # Jitter: requests that were refused together are not retried together.
            await asyncio.sleep(pause_s * random.uniform(1, 1.5))  # noqa: S311

    def _give_up(self, why: str) -> None:
        self.gave_up = self.gave_up or f"{self._address.url} {why}"
        self.stop()

    def _remark(self, reply: Reply) -> None:
        if reply.status != 200 and reply.status not in self.details:
            text = reply.body[: 4 * DETAIL].decode("utf-8", "replace")
            shown = "".join(letter if letter.isprintable() else " " for letter in text)
            self.details[reply.status] = shown[:DETAIL]


def _retry_after_s(reply: Reply) -> float:
    """Return the seconds of Retry-After; its date form is ignored."""
    text = reply.headers.get(b"retry-after", b"")
    return max(PAUSE_S, float(text)) if text.isdigit() and len(text) < 9 else PAUSE_S
