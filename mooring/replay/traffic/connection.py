"""An HTTP/1.1 connection with one request at a time.

An asyncio protocol on httptools, which bentoml uses too: a client library with request and response objects
takes more time for each request than the scorer does.
"""

import asyncio
import time
from typing import NamedTuple, cast

import httptools

from mooring.replay.traffic.address import Address

IDLE_S = 2.0
"""Connections that were idle for longer are replaced: a server that is about to close one could cut off a
request after scoring it. uvicorn closes idle connections after 5 s."""
CONNECT_S = 10.0
MAX_BODY_BYTES = 2**24
"""The most bytes of an answer that are kept."""


class Cut(Exception):  # noqa: N818 - an event, not an error
    """The connection ended after a request was sent and before its answer was complete."""


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
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's class is not a subclass

    def data_received(self, data: bytes) -> None:
        """Parse more bytes; invalid HTTP ends the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Raise Cut for the pending request."""
        self._closed = True
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(Cut())

    def on_message_begin(self) -> None:
        """Start an answer."""
        self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add one header."""
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Add a piece of the body."""
        if self._n_bytes < MAX_BODY_BYTES:
            self._n_bytes += len(body)
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Complete the pending request with its answer."""
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
        """Send one whole request; return its answer. Raises Cut when none arrives in time."""
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
    """Return a new connection. Raises OSError when connecting fails or times out."""
    async with asyncio.timeout(CONNECT_S):
        _, connection = await asyncio.get_running_loop().create_connection(
            ClientConnection, address.host, address.port, ssl=address.context
        )
    return connection
