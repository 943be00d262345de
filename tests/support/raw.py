"""Raw bytes over a socket: requests that no client library would send, and what came back."""

import re
import select
import socket
from collections.abc import Sequence
from dataclasses import dataclass

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Reply:
    """One response: its status, its head and its body."""

    status: int
    head: bytes
    body: bytes


def request(
    body: bytes, *headers: bytes, method: bytes = b"POST", path: bytes = b"/v1/predict"
) -> bytes:
    """Return one well-formed request with a few headers more."""
    length = b"content-length: %d" % len(body)
    lines = [b"%s %s HTTP/1.1" % (method, path), b"host: x", b"content-type: application/json"]
    return b"\r\n".join([*lines, length, *headers, b"", body])


def exchange(
    port: int, parts: Sequence[bytes], pause_s: float = 0, patience_s: float = PATIENCE_S
) -> tuple[list[Reply], bool]:
    """Send parts with pauses, and read until the server closes or says nothing for a while.

    Return the responses, and whether the server closed. A connection that is cut while it is written
    to counts as closed.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as connection:
        received, closed = bytearray(), True
        try:
            for part in parts:
                connection.sendall(part)
                if pause_s and select.select([connection], [], [], pause_s)[0]:
                    break  # it has answered, or closed
            while piece := connection.recv(65536):
                received += piece
        except TimeoutError:
            closed = False
        except OSError:
            pass
        return replies(bytes(received)), closed


def one_reply(port: int, parts: Sequence[bytes], pause_s: float = 0) -> Reply:
    """Send parts with pauses; return the one response as soon as it is whole.

    Raises ValueError if the server closes before.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        for part in parts:
            connection.sendall(part)
            if pause_s and select.select([connection], [], [], pause_s)[0]:
                break
        received = bytearray()
        while piece := connection.recv(65536):
            received += piece
            length = re.search(rb"\r\ncontent-length: (\d+)(?s:.*?)\r\n\r\n", received)
            if length and len(received) >= length.end() + int(length[1]):
                break
        (reply,) = replies(bytes(received))
        return reply


def cut(port: int, content: bytes) -> None:
    """Send a part of a request, and hang up at once."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(content)


def replies(received: bytes) -> list[Reply]:
    """Return the responses in what was received. Raises ValueError where it is no HTTP."""
    found = []
    while received:
        head, separator, rest = received.partition(b"\r\n\r\n")
        line = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        if not separator or line is None:
            raise ValueError(f"not a response: {received[:200]!r}")
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        n_bytes = int(length[1]) if length else 0
        found.append(Reply(int(line[1]), head, rest[:n_bytes]))
        received = rest[n_bytes:]
    return found
