"""Raw bytes: whatever comes down the socket is a client's error, and the next request is answered."""

import gzip
import json

import pytest

from tests.support.packaged import ROW, expected
from tests.support.raw import exchange, replies, request
from tests.support.server import Server

BODY = json.dumps({"rows": [ROW]}).encode()
CLOSE = b"connection: close"
GOOD = request(BODY, CLOSE)
LENGTH = b"content-length: %d" % len(BODY)
CHUNKED = GOOD.replace(LENGTH, b"transfer-encoding: chunked").removesuffix(BODY)
IDLE_S = 0.2


def chunk(content: bytes, size: bytes | None = None) -> bytes:
    return (b"%x" % len(content) if size is None else size) + b"\r\n" + content + b"\r\n"


def length(value: bytes) -> bytes:
    return GOOD.replace(LENGTH, b"content-length: " + value)


MALFORMED = {
    "no HTTP": b"\x00\x01\x02\x03\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(150),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3.0": GOOD.replace(b"HTTP/1.1", b"HTTP/3.0"),
    "an unknown method": GOOD.replace(b"POST", b"BREW"),
    "a method in lower case": GOOD.replace(b"POST", b"post"),
    "a space in the path": GOOD.replace(b"/v1/predict", b"/v1/pre dict"),
    "a path beyond ASCII": GOOD.replace(b"/v1/predict", b"/\xff\xfe"),
    "a path beyond every limit": GOOD.replace(b"/v1/predict", b"/" + b"a" * 100_000),
    "a header without a colon": GOOD.replace(CLOSE, b"x a"),
    "a space in a header's name": GOOD.replace(CLOSE, b"x a: 1"),
    "a NUL in a header": GOOD.replace(CLOSE, b"x-a: \x00"),
    "a folded header": GOOD.replace(CLOSE, b"x-a: b\r\n c"),
    "a bare CR in a header": GOOD.replace(CLOSE, b"traceparent: a\rb: c"),
    "a negative length": length(b"-1"),
    "a signed length": length(b"+5"),
    "a length in hex": length(b"0x10"),
    "a list of lengths": length(b"5, 5"),
    "two lengths": GOOD.replace(CLOSE, b"content-length: 5"),
    "a length of many digits": length(b"9" * 5000),
    "no digits": length(b"abc"),
    "an empty length": length(b""),
    "a length and chunks": GOOD.replace(CLOSE, b"transfer-encoding: chunked"),
    "another transfer coding": GOOD.replace(LENGTH, b"transfer-encoding: identity"),
    "a chunk size that is no number": CHUNKED + chunk(BODY, b"ZZ"),
    "a negative chunk size": CHUNKED + chunk(BODY, b"-1"),
    "a chunk size beyond 64 bits": CHUNKED + chunk(BODY, b"F" * 20),
    "a chunk size that is too small": CHUNKED + chunk(BODY, b"5"),
    "chunks with bare line feeds": CHUNKED + chunk(BODY).replace(b"\r\n", b"\n"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_http_is_answered_400_and_the_connection_closed(hasty: Server, name: str) -> None:
    found, closed = exchange(hasty.port, [MALFORMED[name]])
    assert ([reply.status for reply in found], closed) == ([400], True)


def zipped(content: bytes) -> bytes:
    return request(content, CLOSE, b"content-encoding: gzip")


ZIP = gzip.compress(BODY)
REFUSED = {
    "a body of another length": (length(b"%d" % (len(BODY) + 5)), 408),
    "a length beyond the limit": (length(b"1" + b"0" * 15), 413),
    "a body beyond the limit": (request(b" " * 70_000, CLOSE), 413),
    "chunks beyond the limit": (CHUNKED + chunk(b" " * 40_000) * 2, 413),
    "a chunk that never ends": (CHUNKED + chunk(BODY, b"fff"), 408),
    "chunks that never end": (CHUNKED + chunk(BODY), 408),
    "no chunk": (CHUNKED + chunk(b""), 400),
    "an unknown content coding": (request(BODY, CLOSE, b"content-encoding: br"), 415),
    "two content codings": (request(BODY, CLOSE, b"content-encoding: gzip, gzip"), 415),
    "a gzip bomb": (zipped(gzip.compress(bytes(60_000_000))), 413),
    "a gzip bomb in a bomb": (zipped(gzip.compress(gzip.compress(bytes(2**26)))), 400),
    "a gzip cut short": (zipped(ZIP[:-4]), 400),
    "a gzip with a wrong sum": (zipped(ZIP[:-8] + bytes(4) + ZIP[-4:]), 400),
    "a gzip with a tail": (zipped(ZIP + b"x"), 400),
    "no gzip": (zipped(BODY), 400),
    "an empty gzip": (zipped(b""), 400),
    "a huge header": (request(BODY, CLOSE, b"x-a: " + b"a" * 1_000_000), 431),
    "many headers": (request(BODY, CLOSE, *(b"x-%d: a" % n for n in range(5000))), 431),
    "a content type beyond ASCII": (GOOD.replace(b"application/json", b"\xff"), 415),
    "a WebSocket": (
        request(b"", b"upgrade: websocket", b"connection: upgrade", method=b"GET"),
        400,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_over_a_limit_is_refused_and_the_connection_closed(
    hasty: Server, name: str
) -> None:
    content, status = REFUSED[name]
    found, closed = exchange(hasty.port, [content])
    assert ([reply.status for reply in found], closed) == ([status], True)


EXTENDED = [CHUNKED, chunk(BODY, b"%x;a=b" % len(BODY)), b"0\r\nx-a: 1\r\n\r\n"]
PIECES = [chunk(BODY[n : n + 7]) for n in range(0, len(BODY), 7)]
ACCEPTED = {
    "as it is": [GOOD],
    "byte by byte": [GOOD[n : n + 1] for n in range(len(GOOD))],
    "in chunks": [CHUNKED, *PIECES, chunk(b"")],
    "chunks with extensions and a trailer": EXTENDED,
    "zipped": [zipped(ZIP)],
    "after 100 Continue": [request(BODY, CLOSE, b"expect: 100-continue")],
    "HTTP/1.0": [GOOD.replace(b"HTTP/1.1", b"HTTP/1.0")],
    "an absolute path": [GOOD.replace(b"/v1/", b"http://x/v1/")],
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_equivalent_requests_give_the_same_score(hasty: Server, name: str) -> None:
    found, closed = exchange(hasty.port, ACCEPTED[name])
    assert closed
    last = found[-1]
    assert [reply.status for reply in found[:-1]] in ([], [100])
    assert last.status == 200
    assert json.loads(last.body)["scores"] == expected(hasty.bento, [ROW])


def test_pipelined_requests_are_answered_in_their_order(hasty: Server) -> None:
    rows = [ROW | {"x": number / 10} for number in range(60)]
    bodies = [json.dumps({"rows": [row]}).encode() for row in rows]
    asked = [
        request(body, b"x-request-id: %d" % number, *([CLOSE] if number == 59 else []))
        for number, body in enumerate(bodies)
    ]
    found, closed = exchange(hasty.port, [b"".join(asked)])
    assert closed
    answers = [json.loads(reply.body) for reply in found]
    assert [answer["request_id"] for answer in answers] == [str(number) for number in range(60)]
    scores = [answer["scores"][0] for answer in answers]
    assert scores == pytest.approx(expected(hasty.bento, rows), rel=1e-14)


def test_requests_after_a_malformed_one_are_not_answered(hasty: Server) -> None:
    open_ = request(BODY)
    found, closed = exchange(hasty.port, [open_ + MALFORMED["a negative length"] + open_])
    assert closed
    assert [reply.status for reply in found][-1] == 400
    assert len(found) <= 2


def test_replies_are_read_as_they_were_written() -> None:
    two = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    assert [(reply.status, reply.body) for reply in replies(two)] == [(100, b""), (200, b"ok")]
    with pytest.raises(ValueError, match="not a response"):
        replies(b"\x00\r\n\r\n")
