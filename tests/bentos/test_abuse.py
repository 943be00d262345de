"""Clients that drip, stall, hang up, or ask for what is not there: no other client notices."""

import contextlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bentos.test_socket import BODY, CLOSE, GOOD, IDLE_S, ZIP
from tests.support.packaged import ROW
from tests.support.raw import cut, exchange, replies, request
from tests.support.server import Server


def test_a_slow_body_times_out(hasty: Server) -> None:
    parts = [GOOD[: -len(BODY)], *(BODY[n : n + 1] for n in range(len(BODY)))]
    found, closed = exchange(hasty.port, parts, pause_s=0.1)
    assert ([reply.status for reply in found], closed) == ([408], True)


def test_incomplete_requests_do_not_delay_others(hasty: Server) -> None:
    with ThreadPoolExecutor(50) as pool:
        halves = [GOOD[: 3 * n + 1] for n in range(50)]
        slow = [pool.submit(exchange, hasty.port, [half], 0, 2) for half in halves]
        time.sleep(IDLE_S)
        for _ in range(20):
            assert hasty.predict([ROW]).status_code == 200
        for waiting in slow:
            found, _ = waiting.result()
            assert all(reply.status < 500 for reply in found)


def test_a_client_that_disconnects_mid_request_leaves_nothing_behind(hasty: Server) -> None:
    for n in range(len(GOOD) + 1):
        cut(hasty.port, GOOD[:n])


UPGRADE = (
    b"connection: Upgrade, HTTP2-Settings, close",
    b"upgrade: h2c",
    b"http2-settings: AAMAAABk",
)


def test_an_upgrade_is_refused_at_once_and_says_why(hasty: Server) -> None:
    """Java's own client asks for HTTP/2 so, with each first request (RFC 9110, section 7.8)."""
    (reply,), closed = exchange(hasty.port, [request(BODY, *UPGRADE)], patience_s=2)
    assert (reply.status, closed) == (400, True)
    assert b"use HTTP/1.1 without an upgrade" in reply.body


def test_the_body_of_an_upgrade_is_never_read_as_a_request(hasty: Server) -> None:
    hidden = request(b"", method=b"GET", path=b"/v1/model")
    asked = request(hidden, *UPGRADE).replace(b", close", b"")
    with socket.create_connection(("127.0.0.1", hasty.port), timeout=2) as connection:
        received = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            for part in (asked.removesuffix(hidden), hidden):
                connection.sendall(part)
                time.sleep(IDLE_S)
            while piece := connection.recv(65536):
                received += piece
    found = replies(received)
    assert [reply.status for reply in found[1:]] == []
    assert found[0].status in (400, 426)


def test_a_missing_body_times_out(hasty: Server) -> None:
    found, closed = exchange(hasty.port, [GOOD.removesuffix(BODY)], patience_s=3)
    assert ([reply.status for reply in found], closed) == ([408], True)


@pytest.mark.parametrize(
    "start", [b"GET /livez HTTP/1.1\r\nx-a: ", b"GET /"], ids=["header", "path"]
)
def test_an_endless_header_is_refused_before_memory_fills(hasty: Server, start: bytes) -> None:
    _, closed = exchange(hasty.port, [start, *([b"a" * 65_536] * 64)], patience_s=3)
    assert closed


@pytest.mark.parametrize("path", [b"/v1/nothing", b"/metrics"])
def test_an_unusual_content_type_is_ignored_where_none_is_read(hasty: Server, path: bytes) -> None:
    asked = request(b"", CLOSE, method=b"GET", path=path)
    (plain,), _ = exchange(hasty.port, [asked])
    (odd,), _ = exchange(hasty.port, [asked.replace(b"application/json", b"text/\xf4")])
    assert odd.status == plain.status
    assert b"content-length: %d\r\n" % len(odd.body) in odd.head


@pytest.mark.parametrize("coding", [b"GZIP", b"x-gzip"])
def test_content_encoding_is_case_insensitive(hasty: Server, coding: bytes) -> None:
    """RFC 9110, sections 8.4.1 and 8.4.1.3."""
    found, _ = exchange(hasty.port, [request(ZIP, CLOSE, b"content-encoding: " + coding)])
    assert [reply.status for reply in found] == [200]


def test_unknown_paths_add_no_metric(hasty: Server) -> None:
    """Else whoever asks for enough of them fills the memory of the server and of Prometheus."""
    for number in range(5):
        assert hasty.client.get(f"/made-up-{number}").status_code == 404
    assert "made-up" not in hasty.client.get("/metrics").text
