"""A connection: an answer in any form of HTTP/1.1, or the word that none came."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from mooring.errors import ConfigError
from mooring.replay.traffic.address import Address, address_of
from mooring.replay.traffic.connection import ClientConnection, Cut, Reply, connect
from tests.support.server import free_port

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PATIENCE_S = 30.0


@asynccontextmanager
async def connected(peer: Peer) -> AsyncIterator[tuple[ClientConnection, Address]]:
    """Yield a connection to a peer; at the end, the peer has ended as well."""
    peers = list[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        peers.append(task)
        with suppress(ConnectionError):
            await peer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = address_of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        connection = await connect(address)
        while not peers:
            await asyncio.sleep(0.01)
        yield connection, address
        connection.close()
        await asyncio.gather(*peers)


def asked(peer: Peer, n: int = 1, timeout_s: float = PATIENCE_S) -> list[Reply | None]:
    """Ask a peer `n` requests on one connection; return its answers, None for what was cut."""

    async def ask(connection: ClientConnection, content: bytes) -> Reply | None:
        try:
            return await connection.ask(content, timeout_s)
        except Cut:
            return None

    async def run() -> list[Reply | None]:
        async with connected(peer) as (connection, address):
            return [await ask(connection, address.request(f"r{i}", b"{}")) for i in range(n)]

    return asyncio.run(run())


def saying(*pieces: bytes, ends: bool = False) -> Peer:
    """Return a peer that reads a request and says these pieces, again and again."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            if ends:
                return

    return peer


def test_a_connection_is_reused_for_consecutive_requests() -> None:
    peer = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Request-Id: a\r\n\r\nok")
    assert (
        asked(peer, 3) == [Reply(200, {b"content-length": b"2", b"x-request-id": b"a"}, b"ok")] * 3
    )


def test_a_chunked_answer_is_reassembled() -> None:
    head = b"HTTP/1.1 422 Unprocessable\r\nTransfer-Encoding: chunked\r\n"
    peer = saying(head, b"\r\n3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")
    assert asked(peer) == [Reply(422, {b"transfer-encoding": b"chunked"}, b"abcde")]


def test_an_interim_response_is_skipped() -> None:
    peer = saying(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n")
    assert asked(peer) == [Reply(204, {b"content-length": b"0"}, b"")]


@pytest.mark.parametrize(
    "said",
    [b"", b"\x16\x03\x01 no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
)
def test_an_incomplete_answer_is_a_cut(said: bytes) -> None:
    assert asked(saying(said, ends=True)) == [None]


def test_a_timed_out_answer_is_a_cut() -> None:
    assert asked(saying(), timeout_s=0.05) == [None]


def test_a_closing_connection_is_not_reused() -> None:
    async def run() -> list[bool]:
        peer = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        async with connected(peer) as (connection, address):
            before = connection.usable
            await connection.ask(address.request("a", b"{}"), PATIENCE_S)
            return [before, connection.usable]

    assert asyncio.run(run()) == [True, False]


def test_a_refused_connection_is_an_os_error() -> None:
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(connect(address_of(f"http://127.0.0.1:{free_port()}")))


def test_a_request_has_all_its_headers_and_its_body() -> None:
    assert address_of("http://[::1]:3000/team/").request("id-1", b"{}") == (
        b"POST /team/v1/predict HTTP/1.1\r\nhost: [::1]:3000\r\ncontent-type: application/json\r\n"
        b"accept: application/json\r\nx-request-id: id-1\r\ncontent-length: 2\r\n\r\n{}"
    )


@pytest.mark.parametrize(
    ("url", "host", "port", "secure"),
    [
        ("http://127.0.0.1:3000", "127.0.0.1", 3000, False),
        ("http://scorer/", "scorer", 80, False),
        ("https://scorer.example", "scorer.example", 443, True),
    ],
)
def test_an_address_is_parsed(url: str, host: str, port: int, secure: bool) -> None:
    found = address_of(url)
    assert (found.host, found.port, found.context is not None) == (host, port, secure)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:3000", "ftp://x", "http://", "http://x:99999", "http://x/?a=b", "http://x\r\ny", "http://ü"],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        address_of(url)
    assert str(caught.value) == (
        f"--url {url}: is not the URL of a scorer\n"
        "  expected: http://HOST:PORT or https://HOST, optionally with a path"
    )


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        address_of("http://me:secret@scorer")
    assert caught.value.where == "--url scorer"
