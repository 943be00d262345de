"""One connection of HTTP/1.1 that asks one request at a time.

A protocol of asyncio with httptools, which bentoml serves with as well: a client with request and response
objects spends more on each request than the scorer does.
"""

import asyncio
import time
from typing import NamedTuple, cast

import httptools

from mooring.replay.traffic.address import Address

IDLE_S = 2.0
"""A connection that was idle for longer is made anew: a server that is about to close it would cut a
request of which nobody knows whether it was scored. uvicorn closes after 5 s."""
CONNECT_S = 10.0
MAX_BODY_BYTES = 2**24
"""Of an answer that is kept; more is cut off."""


class Cut(Exception):  # noqa: N818 - what happened, which is no mistake
    """The connection ended after a request was sent and before its answer was whole."""


class Reply(NamedTuple):
    """One answer."""

    status: int
    headers: dict[bytes, bytes]
    """By lower-case name."""
    body: bytes


class ClientConnection(asyncio.Protocol):
    """Made by `connect`."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._reply: asyncio.Future[Reply] | None = None
        self._begin()
        self._closed = False
        self._used_at = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, which is none

    def data_received(self, data: bytes) -> None:
        """Read on; what is no HTTP ends the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits that no answer comes."""
        self._closed = True
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(Cut())

    def on_message_begin(self) -> None:
        """Begin an answer."""
        self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if self._n_bytes < MAX_BODY_BYTES:
            self._n_bytes += len(body)
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Hand over a whole answer."""
        status = self._parser.get_status_code()
        if status < 200 or self._reply is None or self._reply.done():
            return  # 100 Continue and the like come before the answer
        self._reply.set_result(Reply(status, self._headers, b"".join(self._pieces)))
        self._used_at = time.monotonic()
        if not self._parser.should_keep_alive():
            self.close()

    @property
    def usable(self) -> bool:
        """Whether a request may be sent."""
        fresh = time.monotonic() - self._used_at < IDLE_S
        return fresh and not self._closed and not self._transport.is_closing()

    async def ask(self, content: bytes, timeout_s: float) -> Reply:
        """Send one whole request; return its answer. Raises Cut where none comes in time."""
        loop = asyncio.get_running_loop()
        self._reply = loop.create_future()
        timer = loop.call_later(timeout_s, self.close)
        try:
            self._transport.write(content)
            return await self._reply
        finally:
            timer.cancel()

    def close(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self._n_bytes = 0


async def connect(address: Address) -> ClientConnection:
    """Return a new connection. Raises OSError where none is made in time."""
    async with asyncio.timeout(CONNECT_S):
        _, connection = await asyncio.get_running_loop().create_connection(
            ClientConnection, address.host, address.port, ssl=address.context
        )
    return connection
