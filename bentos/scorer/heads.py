"""Bound the head of a request, which uvicorn's fast parser reads without end.

BentoML starts uvicorn with its `auto` protocol; `install` puts ours in that place, before it is looked up.
Everything else of the protocol is uvicorn's.
"""

from typing import Any

from uvicorn.protocols.http import auto
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""Of an unfinished head; a finished one is bounded by exchange.MAX_HEADER_BYTES."""
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedHead(HttpToolsProtocol):
    """uvicorn's protocol, which gives up on a head that does not end."""

    _head_bytes = 0
    _in_head = True

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
        """End a head."""
        self._in_head = False
        super().on_headers_complete()


def install() -> None:
    """Make uvicorn, where it chooses a protocol itself, choose this one."""
    chosen: Any = auto
    chosen.AutoHTTPProtocol = BoundedHead
