"""Requests with a few wrong bytes, and random bytes: whatever comes, it is a client's error."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bentos.test_socket import BODY, CHUNKED, GOOD, IDLE_S, ZIP, chunk, zipped
from tests.support.raw import exchange
from tests.support.server import Server

SEED = 20131


def mutated(source: random.Random) -> bytes:
    """Return a good request with a few bytes changed, taken out, put in, doubled or cut off."""
    content = bytearray(source.choice([GOOD, zipped(ZIP), CHUNKED + chunk(BODY) + chunk(b"")]))
    for _ in range(source.choice([1, 1, 1, 2, 8])):
        at = source.randrange(len(content) or 1)
        end = at + source.randrange(1, 12)
        match source.randrange(5):
            case 0:
                content[at:end] = bytes(b ^ 1 << source.randrange(8) for b in content[at:end])
            case 1:
                del content[at:end]
            case 2:
                odd = [b"\r\n", b"\x00", b":", b"\xff", b"\r\n\r\n", b"%", b'"', b"{", b"9" * 30]
                content[at:at] = source.choice([*odd, source.randbytes(8)])
            case 3:
                content[at:at] = content[at:end]
            case _:
                content = content[: max(at, 1)]
    return bytes(content)


def ask_badly(hasty: Server, contents: list[bytes]) -> None:
    """Send each on a connection of its own, several at once; no answer may be the server's fault."""
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(exchange, hasty.port, [content], 0, IDLE_S) for content in contents]
        for content, answer in zip(contents, asked, strict=True):
            found, _ = answer.result()
            assert all(reply.status < 500 for reply in found), content


@pytest.mark.parametrize("n_requests", [400, pytest.param(20_000, marks=pytest.mark.prove)])
def test_a_mutated_request_is_a_client_error(
    hasty: Server, n_requests: int, record_property: Callable[[str, object], None]
) -> None:
    source = random.Random(SEED)
    ask_badly(hasty, [mutated(source) for _ in range(n_requests)])
    record_property("requests", n_requests)
    record_property("answers of 500 and above", 0)


def test_random_bytes_are_a_client_error(hasty: Server) -> None:
    source = random.Random(SEED)
    ask_badly(hasty, [source.randbytes(source.randrange(1, 3000)) for _ in range(100)])
    ask_badly(hasty, [GOOD[: -len(BODY)] + source.randbytes(len(BODY)) for _ in range(100)])
