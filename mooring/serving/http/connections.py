"""What uvicorn's protocol lacks: direct answers to whole requests, a limit for unfinished heads, and a grace
period for idle connections.

BentoML starts uvicorn with its `auto` protocol; `install` puts ours in its place, before it is looked up.
Everything else of the protocol is uvicorn's.
"""

import logging
from typing import Any, ClassVar

from uvicorn.protocols.http import auto
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mooring.serving.http.direct import MAX_BYTES, URL, Direct
from mooring.serving.http.exchange import Headers

MAX_HEAD_BYTES = 65_536
"""The limit of an unfinished head; a finished one is bounded by exchange.MAX_HEADER_BYTES."""
FAREWELL_S = 1.0
"""How long a connection that is idle when the server stops may still send a request."""
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class _NoEvent:
    """Replaces the event that announces a body to an application: there is no application."""

    def set(self) -> None:
        """Do nothing."""


class Whole:
    """A request that arrived in one piece: it replaces uvicorn's RequestResponseCycle."""

    message_event = _NoEvent()
    more_body = False

    def __init__(self, connection: "Connection", keep_alive: bool) -> None:
        self._connection, self.keep_alive = connection, keep_alive
        self.response_complete = self.disconnected = False

    def reply(self, status: int, head: Headers, content: bytes) -> None:
        """Write the answer, unless the client has gone."""
        self.response_complete = True
        connection = self._connection
        if self.disconnected or connection.transport.is_closing():
            return
        closes = (b"connection", b"close") in head
        lines = [STATUS_LINE[status], connection.default_head()]
        for name, value in head:
            lines += (name, b": ", value, b"\r\n")
        if not self.keep_alive and not closes:
            lines.append(b"connection: close\r\n")
        connection.transport.write(b"".join((*lines, b"\r\n", content)))
        if closes or not self.keep_alive:
            connection.transport.close()
        connection.on_response_complete()


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with a direct path for whole requests, bounded heads and a graceful end."""

    direct: ClassVar[Direct | None] = None
    _default: ClassVar[tuple[Any, bytes]] = (None, b"")

    _read_bytes = 0
    _head_bytes = 0
    _in_head = True
    _leaving = False
    _held: list[bytes] | None = None
    """The body so far of a request that may arrive whole."""
    _held_headers: dict[bytes, bytes]

    def connection_made(self, transport: Any) -> None:
        """Begin a connection; store what cannot change before it ends."""
        super().connection_made(transport)
        trusted = getattr(self.app, "trusted_hosts", ())
        self._is_proxy = self.client is not None and self.client[0] in trusted
        self._needs_uvicorn = (
            bool(self.root_path)
            or self.limit_concurrency is not None
            or (self.access_log and self.access_logger.isEnabledFor(logging.INFO))
        )

    def data_received(self, data: bytes) -> None:
        """Parse the data; refuse a head that is already too long."""
        self._read_bytes = len(data)
        super().data_received(data)
        if self._held is not None:  # the rest has not arrived yet
            self._hand_over(self._held)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(REFUSAL)
                self.transport.close()

    def on_message_begin(self) -> None:
        """Begin another head."""
        self._head_bytes, self._in_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End a head: wait for the rest of the data just read, or let uvicorn begin."""
        self._in_head = False
        if self._may_be_whole():
            self._held = []
        else:
            self._begin()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        """Answer a request that arrived whole, or let uvicorn end its body."""
        held, direct = self._held, self.direct
        if held is None or direct is None:
            super().on_message_complete()
            return
        body = b"".join(held)
        if not direct.reads(body):
            self._hand_over(held)
            super().on_message_complete()
            return
        self._held = None
        whole = Whole(self, self.parser.should_keep_alive() and not self._leaving)
        self.cycle = whole  # type: ignore[assignment]
        direct.answer(self._held_headers, body, self.client, whole.reply)

    def shutdown(self) -> None:
        """Let an idle connection finish sending a request; uvicorn would close it."""
        if self._is_idle() and not self._leaving:
            self._leaving = True
            self.loop.call_later(FAREWELL_S, self._leave)
        else:
            super().shutdown()

    def default_head(self) -> bytes:
        """Return the headers that uvicorn gives each answer; it makes a new list when they change."""
        headers, head = Connection._default
        if headers is not self.server_state.default_headers:
            headers = self.server_state.default_headers
            head = b"".join(b"%b: %b\r\n" % pair for pair in headers)
            Connection._default = headers, head
        return head

    def _may_be_whole(self) -> bool:
        """Return whether `direct` may answer a request, if its body has arrived already.

        It may not if another request is open, the client does not read, an access log is kept, a proxy
        names the client, or the head began in an earlier read.
        """
        direct = self.direct
        if (
            direct is None
            or self.url != URL
            or self._head_bytes
            or self._read_bytes > MAX_BYTES
            or not self._is_idle()
            or self.transport.is_closing()
            or self.flow.write_paused
            or self._needs_uvicorn
            or self.parser.get_method() != b"POST"
            or self.parser.get_http_version() != "1.1"
        ):
            return False
        headers = self._held_headers = dict(self.headers)
        return direct.takes(headers) and not (self._is_proxy and b"x-forwarded-for" in headers)

    def _begin(self) -> None:
        """Let uvicorn begin; a server that stops closes the connection with its last answer."""
        super().on_headers_complete()
        if self._leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def _hand_over(self, held: list[bytes]) -> None:
        """Let uvicorn begin with the part of a held request that has arrived."""
        self._held = None
        if not self.transport.is_closing():
            self._begin()
            for body in held:
                super().on_body(body)

    def _leave(self) -> None:
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete


def install(direct: Direct | None) -> None:
    """Make uvicorn's `auto` choose this protocol."""
    Connection.direct = direct
    chosen: Any = auto
    chosen.AutoHTTPProtocol = Connection
