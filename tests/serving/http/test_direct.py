"""A request that comes whole is answered without ASGI, and just as one that comes in pieces."""

import json
import re

import pytest

from tests.bentos.test_socket import BODY, CLOSE
from tests.support.packaged import ROW
from tests.support.raw import Reply, exchange, one_reply, request
from tests.support.server import Server

PAUSE_S = 0.05
ID = b"x-request-id: order-7"
TRACE = b"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
COLUMNS = json.dumps({"columns": {name: [value] for name, value in ROW.items()}}).encode()
ARROW = b"application/vnd.apache.arrow.stream"


def typed(content_type: bytes, body: bytes = BODY) -> bytes:
    return request(body, ID).replace(b"application/json", content_type)


ASKED = {
    "rows": request(BODY, ID),
    "rows for the last time": request(BODY, ID, CLOSE),
    "a trace": request(BODY, ID, TRACE),
    "a trace that is none": request(BODY, ID, b"traceparent: \xc3\xa9 e"),
    "no id": request(BODY),
    "an id that is none": request(BODY, b"x-request-id: a b"),
    "columns": request(COLUMNS, ID),
    "a wrong value": request(BODY.replace(b'"x":', b'"y":'), ID),
    "a wrong value for the last time": request(BODY.replace(b'"x":', b'"y":'), ID, CLOSE),
    "no JSON": request(b'{"rows": [', ID),
    "nothing": request(b"", ID),
    "bytes beyond UTF-8": request(b"\xff" + BODY, ID),
    "a charset": typed(b"Application/JSON; charset=utf-8"),
    "another type": typed(b"text/plain"),
    "Arrow's type": typed(ARROW),
    "an answer in Arrow": request(BODY, ID, b"accept: " + ARROW),
    "a coding": request(BODY, ID, b"content-encoding: br"),
    "a coding that is none": request(BODY, ID, b"content-encoding: identity"),
    "an upgrade": request(BODY, ID, b"connection: upgrade", b"upgrade: h2c"),
    "a proxy's word": request(BODY, ID, b"x-forwarded-for: 10.0.0.1"),
    "a query": request(BODY, ID, path=b"/v1/predict?a=b"),
    "another method": request(BODY, ID, method=b"PUT"),
    "HTTP/1.0": request(BODY, ID).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "large headers": request(BODY, ID, b"x-a: " + b"a" * 20_000),
}


def told(reply: Reply) -> tuple[int, list[bytes], bytes]:
    """Return a response without what no two have alike: when it was made, and an id of the server's."""
    own = r"[0-9a-f]{16}-[0-9a-f]+"
    lines = [
        re.sub(b"^x-request-id: %b$" % own.encode(), b"", line)
        for line in reply.head.split(b"\r\n")
        if not line.lower().startswith((b"date:", b"content-length:"))
    ]
    return reply.status, lines, re.sub(own.encode(), b"", reply.body)


@pytest.mark.parametrize("name", ASKED)
def test_a_request_that_comes_whole_is_answered_as_one_in_pieces(server: Server, name: str) -> None:
    asked = ASKED[name]
    head = asked.index(b"\r\n\r\n") + 4
    reply = one_reply(server.port, [asked])
    for cut in (10, head, head + 5):
        pieces = [part for part in (asked[:cut], asked[cut:]) if part]
        other = one_reply(server.port, pieces, PAUSE_S)
        if b"arrow.stream" in reply.head:  # its id is inside
            assert (other.status, len(other.body)) == (reply.status, len(reply.body))
        else:
            assert told(other) == told(reply)


def test_requests_of_one_read_are_each_answered_once_and_in_order(server: Server) -> None:
    names = [b"r%d" % number for number in range(200)]
    asked = b"".join(request(BODY, b"x-request-id: " + name) for name in names)
    found, _ = exchange(server.port, [asked], patience_s=2)
    assert [json.loads(reply.body)["request_id"].encode() for reply in found] == names
    assert {reply.status for reply in found} == {200}


def test_the_last_request_of_one_read_ends_the_connection(server: Server) -> None:
    asked = request(BODY) + request(BODY, CLOSE) + request(BODY)
    found, closed = exchange(server.port, [asked], patience_s=2)
    assert ([reply.status for reply in found], closed) == ([200, 200], True)
