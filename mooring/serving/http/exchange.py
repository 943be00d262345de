"""One HTTP exchange over ASGI: read a bounded body in bounded time, send one answer.

It uses ASGI directly, since a framework's request and response objects cost more than the model.
"""

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mooring.config.serving import Limits
from mooring.serving.problems import MEDIA_TYPE, Problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

log = logging.getLogger("bentoml.scorer")
MAX_HEADER_BYTES = 16_384
TOO_SLOW = "the body is too slow"


class ClientGone(Exception):  # noqa: N818 - nothing failed
    """The client hung up before its request was read."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header of that lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


async def read_body(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """Return the body, inflated if it is gzip.

    Raises Problem 408, 413, 415 or 400; ClientGone if the client has gone.
    """
    message = await _begun(receive, limits)
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        body = await _rest(scope, receive, body, limits)
    if len(body) > limits.body_bytes:
        raise _too_large(limits)
    encoding = header(scope, b"content-encoding")
    return body if encoding in (None, b"identity") else _inflated(body, encoding.lower(), limits)


async def _begun(receive: Receive, limits: Limits) -> MutableMapping[str, Any]:
    """Return the first message of a body, which may never arrive.

    A plain timer costs a quarter of asyncio.timeout, on a path that every request takes.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    timer = loop.call_later(limits.body_timeout_s, task.cancel, TOO_SLOW)
    try:
        return await receive()
    except asyncio.CancelledError as error:
        # The clock does not show whose cancellation it is: a loop may run a timer a little early.
        if error.args != (TOO_SLOW,):
            raise
        task.uncancel()
        raise _too_slow(limits) from error
    finally:
        timer.cancel()


async def _rest(scope: Scope, receive: Receive, body: bytes, limits: Limits) -> bytes:
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and int(declared) > limits.body_bytes:
        raise _too_large(limits)
    parts, size, more = [body], len(body), True
    if size > limits.body_bytes:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.body_timeout_s):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                part = message.get("body", b"")
                size += len(part)
                if size > limits.body_bytes:
                    raise _too_large(limits)
                parts.append(part)
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise _too_slow(limits) from error
    return b"".join(parts)


def _too_slow(limits: Limits) -> Problem:
    detail = f"the body took more than {limits.body_timeout_s:g} seconds"
    return Problem(408, detail, headers=((b"connection", b"close"),))


def _too_large(limits: Limits) -> Problem:
    detail = f"at most {limits.body_bytes} bytes in a body, before and after decompression"
    return Problem(413, detail, headers=((b"connection", b"close"),))


def _inflated(body: bytes, encoding: bytes, limits: Limits) -> bytes:
    if encoding not in (b"gzip", b"x-gzip"):
        raise Problem(415, "content-encoding must be gzip or none")
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        content = inflater.decompress(body, limits.body_bytes + 1)
    except zlib.error as error:
        raise Problem(400, f"the body is not gzip: {error}") from error
    if len(content) > limits.body_bytes:
        raise _too_large(limits)
    if not inflater.eof or inflater.unused_data:
        raise Problem(400, "the body is not one whole gzip stream")
    return content


def head_of(kind: bytes, content: bytes, request_id: bytes, headers: dict[bytes, bytes]) -> Headers:
    """Return the headers of the answer to a request with these headers."""
    head = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(content)),
        (b"x-request-id", request_id),
    ]
    trace = headers.get(b"traceparent")
    return head if trace is None else [*head, (b"traceparent", trace)]


def refusal_of(
    problem: Problem, request_id: bytes, headers: dict[bytes, bytes]
) -> tuple[Headers, bytes]:
    """Return the headers and the content of the refusal of a request with these headers."""
    content = problem.body(request_id.decode())
    return [*head_of(MEDIA_TYPE, content, request_id, headers), *problem.headers], content


def mistake_of(error: BaseException, request_id: bytes) -> Problem:
    """Log an internal error, and return the problem that answers it."""
    log.error("request %s could not be answered", request_id.decode(), exc_info=error)
    return Problem(500, "internal server error")


async def answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send one whole response."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
