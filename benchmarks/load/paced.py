"""Open loop: requests leave at even gaps whatever the server does, and wait for a free connection.

A latency counts from the moment at which its request was due, so that a server that stalls is charged for
all requests that were due meanwhile (no coordinated omission). No installable tool does that:
wrk and hey wait for answers, httperf prints no percentiles, and the generators on PyPI use asyncio,
whose timers round to 1 ms, several times the measured latencies. This one spins on its own core instead.
"""

import gc
import re
import select
import socket
import time
from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.load.figures import Bodies, Load

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"
SPIN_S = 0.002
"""How long before a request is due we stop sleeping, because the kernel may wake us too late."""
GRACE_S = 10
"""A request without an answer this long after the last one was due counts as an error."""
MAX_REQUEST_BYTES = 32_768
"""Fits a socket's buffer, so that sending never waits."""


@dataclass
class Connection:
    """One keep-alive connection, and the answer that it is reading."""

    port: int
    wire: socket.socket = field(init=False)
    due: float = 0.0
    read: bytes = b""

    def __post_init__(self) -> None:
        self.wire = socket.create_connection(("127.0.0.1", self.port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def status(self) -> int:
        """Read the bytes received; return the status once the answer is whole, else 0.

        Raises ConnectionError where the server hung up.
        """
        received = self.wire.recv(65_536)
        if not received:
            raise ConnectionResetError
        self.read += received
        head = self.read.find(END)
        if head < 0:
            return 0
        length = LENGTH.search(self.read, 0, head)
        if length is None:
            raise ConnectionError("an answer without content-length")
        if len(self.read) < head + len(END) + int(length[1]):
            return 0
        status = int(self.read[9:12])
        self.read = b""
        return status


class Stretch:
    """One stretch of load, from the first request to the last answer."""

    def __init__(self, port: int, requests: Sequence[bytes], n_connections: int) -> None:
        assert max(map(len, requests)) <= MAX_REQUEST_BYTES
        self._requests = requests
        self._connections: dict[int, Connection] = {}
        self._epoll = select.epoll()
        self._port = port
        self._idle: deque[Connection] = deque()
        for _ in range(n_connections):
            self._connect()
        self.latencies = array("d")
        self.n_sent = self.n_errors = 0

    def run(self, rate: float, seconds: float) -> float:
        """Send at `rate` for `seconds`; return how long it took until every request was answered."""
        n_requests = max(1, round(rate * seconds))
        start = time.perf_counter()
        give_up = start + seconds + GRACE_S
        while len(self.latencies) + self.n_errors < n_requests:
            now = time.perf_counter()
            if now > give_up:
                self.n_errors = n_requests - len(self.latencies)
                break
            due = start + self.n_sent / rate
            while self._idle and due <= now and self.n_sent < n_requests:
                self._send(due)
                due = start + self.n_sent / rate
            waits = bool(self._idle) and self.n_sent < n_requests
            self._receive(max(0.0, due - now - SPIN_S) if waits else SPIN_S)
        return max(time.perf_counter() - start, seconds)

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections.values():
            connection.wire.close()
        self._epoll.close()

    def _connect(self) -> None:
        connection = Connection(self._port)
        self._connections[connection.wire.fileno()] = connection
        self._epoll.register(connection.wire, select.EPOLLIN)
        self._idle.append(connection)

    def _send(self, due: float) -> None:
        connection = self._idle.popleft()
        connection.due = due
        request = self._requests[self.n_sent % len(self._requests)]
        self.n_sent += 1
        try:
            connection.wire.sendall(request)
        except ConnectionError:
            self._replace(connection)

    def _receive(self, timeout: float) -> None:
        for number, _ in self._epoll.poll(timeout):
            connection = self._connections[number]
            try:
                status = connection.status()
            except ConnectionError:
                self._replace(connection)
                continue
            if not status:
                continue
            if 200 <= status < 300:
                self.latencies.append(time.perf_counter() - connection.due)
            else:
                self.n_errors += 1
            self._idle.append(connection)

    def _replace(self, connection: Connection) -> None:
        """Count a lost answer, and connect anew."""
        self.n_errors += 1
        self._connections.pop(connection.wire.fileno())
        connection.wire.close()
        self._connect()


def paced(port: int, bodies: Bodies, rate: float, seconds: float, n_connections: int = 32) -> Load:
    """Return the results of the server on `port` at `rate` requests per second."""
    stretch = Stretch(port, bodies.requests(port), n_connections)
    gc.disable()
    try:
        took_s = stretch.run(rate, seconds)
    finally:
        gc.enable()
        stretch.close()
    quantiles = (np.inf, np.inf, np.inf)
    if stretch.latencies:
        quantiles = tuple(np.quantile(stretch.latencies, [0.5, 0.95, 0.99]) * 1e3)
    p50, p95, p99 = quantiles
    return Load(
        requests_s=len(stretch.latencies) / took_s,
        p50_ms=float(p50),
        p95_ms=float(p95),
        p99_ms=float(p99),
        n_errors=stretch.n_errors,
    )
