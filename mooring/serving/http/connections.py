"""What uvicorn's protocol lacks: whole requests answered on the spot, an end to a head that has none, and a
farewell to idle connections.

BentoML starts uvicorn with its `auto` protocol; `install` puts ours in that place, before it is looked up.
Everything else of the protocol is uvicorn's.
"""

import logging
from typing import Any, ClassVar

from uvicorn.protocols.http import auto
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mooring.serving.http.direct import MAX_BYTES, URL, Direct
from mooring.serving.http.exchange import Headers

MAX_HEAD_BYTES = 65_536
"""Of an unfinished head; a finished one is bounded by exchange.MAX_HEADER_BYTES."""
FAREWELL_S = 1.0
"""How long a connection that is idle when the server stops may still bring a request."""
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class _NoEvent:
    """Stands for the event that tells an application of its body: there is no application."""

    def set(self) -> None:
        """Tell nobody."""


class Whole:
    """A request that came in one piece, in the place of uvicorn's RequestResponseCycle."""

    message_event = _NoEvent()
    more_body = False

    def __init__(self, connection: "Connection", keep_alive: bool) -> None:
        self._connection, self.keep_alive = connection, keep_alive
        self.response_complete = self.disconnected = False

    def reply(self, status: int, head: Headers, content: bytes) -> None:
        """Write the answer, unless nobody waits for it any more."""
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
    """uvicorn's protocol, with a way around its application, bounded and polite."""

    direct: ClassVar[Direct | None] = None
    _default: ClassVar[tuple[Any, bytes]] = (None, b"")

    _read_bytes = 0
    _head_bytes = 0
    _in_head = True
    _leaving = False
    _held: list[bytes] | None = None
    """The body so far of a request that may come whole."""
    _held_headers: dict[bytes, bytes]

    def connection_made(self, transport: Any) -> None:
        """Begin a connection; know what cannot change before it ends."""
        super().connection_made(transport)
        trusted = getattr(self.app, "trusted_hosts", ())
        self._is_proxy = self.client is not None and self.client[0] in trusted
        self._needs_uvicorn = (
            bool(self.root_path)
            or self.limit_concurrency is not None
            or (self.access_log and self.access_logger.isEnabledFor(logging.INFO))
        )

    def data_received(self, data: bytes) -> None:
        """Parse what came; refuse a head that is too long already."""
        self._read_bytes = len(data)
        super().data_received(data)
        if self._held is not None:  # the rest is still on its way
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
        """End a head: wait for the rest of what has just come, or let uvicorn begin."""
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
        """Answer a request that came whole, or tell uvicorn that its body has ended."""
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
        """Let an idle connection bring what is on its way; uvicorn would close it under a request."""
        if self._is_idle() and not self._leaving:
            self._leaving = True
            self.loop.call_later(FAREWELL_S, self._leave)
        else:
            super().shutdown()

    def default_head(self) -> bytes:
        """Return the headers that uvicorn gives each answer; it makes a new list when they change."""
        of, head = Connection._default
        if of is not self.server_state.default_headers:
            of = self.server_state.default_headers
            head = b"".join(b"%b: %b\r\n" % pair for pair in of)
            Connection._default = of, head
        return head

    def _may_be_whole(self) -> bool:
        """Return whether a request is for `direct`, if its body has come already.

        It is not where the connection has another to answer, a client that does not read, an access log to
        keep, a proxy's word for who asks, or a head that began in an earlier read.
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
        """Let uvicorn begin; the answer to the last request of a server that stops says so."""
        super().on_headers_complete()
        if self._leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def _hand_over(self, held: list[bytes]) -> None:
        """Let uvicorn begin with what has come so far of a request that was held back."""
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
    """Make uvicorn, where it chooses a protocol itself, choose this one."""
    Connection.direct = direct
    chosen: Any = auto
    chosen.AutoHTTPProtocol = Connection
