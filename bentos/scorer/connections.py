"""What uvicorn's protocol lacks: an end to a head that has none, and a farewell to idle connections.

BentoML starts uvicorn with its `auto` protocol; `install` puts ours in that place, before it is looked up.
Everything else of the protocol is uvicorn's.
"""

from typing import Any

from uvicorn.protocols.http import auto
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""Of an unfinished head; a finished one is bounded by exchange.MAX_HEADER_BYTES."""
FAREWELL_S = 1.0
"""How long a connection that is idle when the server stops may still bring a request."""
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, bounded and polite."""

    _head_bytes = 0
    _in_head = True
    _leaving = False

    def data_received(self, data: bytes) -> None:
        """Parse what came; refuse a head that is too long already."""
        super().data_received(data)
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
        """End a head; the answer to the last request of a server that stops says so."""
        self._in_head = False
        super().on_headers_complete()
        if self._leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Let an idle connection bring what is on its way; uvicorn would close it under a request."""
        if self._is_idle() and not self._leaving:
            self._leaving = True
            self.loop.call_later(FAREWELL_S, self._leave)
        else:
            super().shutdown()

    def _leave(self) -> None:
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete


def install() -> None:
    """Make uvicorn, where it chooses a protocol itself, choose this one."""
    chosen: Any = auto
    chosen.AutoHTTPProtocol = Connection
