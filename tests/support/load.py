"""Load from outside: many connections, a fixed rate of arrivals, and when each answer came.

Arrivals do not wait for answers (an open loop), and a latency counts from the moment that a request was
due, so a server that stalls cannot hide the requests that it kept from being sent.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httptools
import numpy as np


@dataclass(frozen=True)
class Outcome:
    """One request: its status, 0 where the connection broke, and the seconds from when it was due."""

    status: int
    seconds: float
    headers: dict[bytes, bytes]


class Connection(asyncio.Protocol):
    """One connection that asks one request at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[int, dict[bytes, bytes]]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_message_complete(self) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), self._headers))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result((0, {}))

    async def ask(self, content: bytes, due: float) -> Outcome:
        """Send one whole request, and wait for its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(content)
        status, headers = await self._answer
        return Outcome(status, time.perf_counter() - due, headers)


@asynccontextmanager
async def _connected(port: int, n: int) -> AsyncIterator[list[Connection]]:
    loop = asyncio.get_running_loop()
    made = [loop.create_connection(Connection, "127.0.0.1", port) for _ in range(n)]
    connections = [connection for _, connection in await asyncio.gather(*made)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.transport.close()
        await asyncio.sleep(0.1)  # in which they are closed


def capacity(port: int, content: bytes, n_connections: int, period_s: float) -> float:
    """Return the requests a second that are answered 200 while each connection asks without a pause."""

    async def measure() -> float:
        end, n_answered = time.perf_counter() + period_s, 0

        async def ask(connection: Connection) -> None:
            nonlocal n_answered
            while time.perf_counter() < end:
                outcome = await connection.ask(content, time.perf_counter())
                n_answered += outcome.status == 200

        async with _connected(port, n_connections) as connections:
            await asyncio.gather(*map(ask, connections))
        return n_answered / period_s

    return asyncio.run(measure())


def offer(
    port: int, content: bytes, rate: float, n_connections: int, period_s: float
) -> list[Outcome]:
    """Offer `rate` requests a second, at random moments with a fixed seed; return what became of each."""

    async def measure() -> list[Outcome]:
        free: asyncio.Queue[Connection] = asyncio.Queue()

        async def ask(due: float) -> Outcome:
            connection = await free.get()
            outcome = await connection.ask(content, due)
            if outcome.status:
                free.put_nowait(connection)
            return outcome

        async with _connected(port, n_connections) as connections:
            for connection in connections:
                free.put_nowait(connection)
            return await _at(_moments(rate, period_s), ask)

    return asyncio.run(measure())


def _moments(rate: float, period_s: float) -> list[float]:
    gaps = np.random.default_rng(7).exponential(1 / rate, round(rate * period_s))
    return np.cumsum(gaps).tolist()


async def _at(moments: list[float], ask: Callable[[float], Awaitable[Outcome]]) -> list[Outcome]:
    start, tasks = time.perf_counter() + 0.1, []
    for moment in moments:
        pause = start + moment - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.ensure_future(ask(start + moment)))
    return list(await asyncio.wait_for(asyncio.gather(*tasks), 60))


def p99(seconds: list[float]) -> float:
    """Return the 99th percentile."""
    return float(np.quantile(seconds, 0.99))
