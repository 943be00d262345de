"""Clients that drip, stall, hang up, or ask for what is not there: no other client notices."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.bentos.test_service import ROW
from tests.bentos.test_socket import BODY, GOOD, IDLE_S
from tests.support.raw import cut, exchange
from tests.support.server import Server


def test_a_body_that_drips_is_refused_in_time(hasty: Server) -> None:
    parts = [GOOD[: -len(BODY)], *(BODY[n : n + 1] for n in range(len(BODY)))]
    found, closed = exchange(hasty.port, parts, pause_s=0.1)
    assert ([reply.status for reply in found], closed) == ([408], True)


def test_many_half_requests_do_not_keep_others_waiting(hasty: Server) -> None:
    with ThreadPoolExecutor(50) as pool:
        halves = [GOOD[: 3 * n + 1] for n in range(50)]
        slow = [pool.submit(exchange, hasty.port, [half], 0, 2) for half in halves]
        time.sleep(IDLE_S)
        for _ in range(20):
            assert hasty.predict([ROW]).status_code == 200
        for waiting in slow:
            found, _ = waiting.result()
            assert all(reply.status < 500 for reply in found)


def test_half_a_request_and_a_hang_up_leaves_nothing_behind(hasty: Server) -> None:
    for n in range(len(GOOD) + 1):
        cut(hasty.port, GOOD[:n])
