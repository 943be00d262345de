"""The open loop keeps its rate, counts what fails, and charges a stall to all that came meanwhile."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.load.figures import Bodies
from benchmarks.load.paced import paced

BODY = b'{"rows":[]}'


class Handler(socketserver.StreamRequestHandler):
    """Answers each request with the server's status, the first one late."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Answering)
        while line := self.rfile.readline():
            assert line.startswith(b"POST /path ")
            while self.rfile.readline().strip():
                pass
            assert self.rfile.read(len(BODY)) == BODY
            time.sleep(server.stall_s)
            server.stall_s = 0.0
            self.wfile.write(b"HTTP/1.1 %d OK\r\nContent-Length: 2\r\n\r\n" % server.status)
            self.wfile.flush()
            self.wfile.write(b"ok")


class Answering(socketserver.ThreadingTCPServer):
    """A server whose answers come in two pieces."""

    daemon_threads = True
    allow_reuse_address = True
    status = 200
    stall_s = 0.0


@contextmanager
def answering(status: int = 200, stall_s: float = 0.0) -> Iterator[int]:
    with Answering(("127.0.0.1", 0), Handler) as server:
        server.status, server.stall_s = status, stall_s
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def bodies(tmp_path: Path) -> Bodies:
    return Bodies.write(tmp_path / "bodies", "/path", "application/json", [BODY], 1)


def test_requests_leave_at_the_rate_that_is_asked(bodies: Bodies) -> None:
    with answering() as port:
        load = paced(port, bodies, rate=200, seconds=1, n_connections=4)
    assert load.n_errors == 0
    assert load.requests_s == pytest.approx(200, rel=0.1)
    assert 0 < load.p50_ms <= load.p95_ms <= load.p99_ms


def test_an_answer_that_is_no_success_counts_as_an_error(bodies: Bodies) -> None:
    with answering(status=503) as port:
        load = paced(port, bodies, rate=100, seconds=0.2, n_connections=4)
    assert load.n_errors == 20
    assert load.requests_s == 0


def test_a_stall_is_charged_to_all_requests_that_were_due_meanwhile(bodies: Bodies) -> None:
    with answering(stall_s=0.5) as port:
        load = paced(port, bodies, rate=100, seconds=1, n_connections=1)
    assert load.n_errors == 0
    assert load.p95_ms > 300
