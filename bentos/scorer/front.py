"""What answers first: the paths that must be fast or must never lie, and BentoML for everything else.

In: ASGI scopes from the server that `bentoml serve` runs. Out: answers, each with a request id. The
choice is explained in docs/decisions/0010.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from bentos.scorer.exchange import (
    MAX_HEADER_BYTES,
    ClientGone,
    Receive,
    Scope,
    Send,
    answer,
    read_body,
)
from bentos.scorer.predictor import Predictor
from bentos.scorer.problems import MEDIA_TYPE, Problem
from bentos.scorer.requests import RequestIds

JSON = b"application/json"
COLUMNS = re.compile(rb'\s*\{\s*"columns"\s*:')
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answer(msgspec.Struct, omit_defaults=True):
    """The body of a prediction."""

    request_id: str
    model: str
    scores: list[float]
    decisions: list[bool] | None = None


class Front:
    """An ASGI application around BentoML's."""

    def __init__(self, bentoml: Handler, predictor: Predictor) -> None:
        self._bentoml, self._predictor = bentoml, predictor
        self._metrics, self._limits = predictor.metrics, predictor.served.serving.limits
        self._ids = RequestIds()
        self._encode = msgspec.json.Encoder().encode
        self._threshold = predictor.served.threshold
        self._routes: dict[str, tuple[bytes, Handler]] = {
            "/v1/predict": (b"POST", self._predict),
            "/v1/model": (b"GET", self._fixed(msgspec.json.encode(predictor.described()))),
            "/livez": (b"GET", self._fixed(b'{"status":"alive"}')),
            "/readyz": (b"GET", self._fixed(b'{"status":"ready"}')),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the life cycle."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await self._rest(scope, receive, send)
            return
        method, handler = route
        if scope["method"].encode() == method:
            await handler(scope, receive, send)
        else:
            problem = Problem(405, f"only {method.decode()}", headers=((b"allow", method),))
            await self._refuse(send, problem, self._ids.of(dict(scope["headers"])))

    async def _predict(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = self._ids.of(headers)
        try:
            _check_head(headers, scope)
            body = await read_body(scope, receive, self._limits)
            scores = await self._predictor.score(body)
        except Problem as problem:
            await self._refuse(send, problem, request_id)
            self._metrics.count(problem.status)
            return
        except ClientGone:
            self._metrics.count(499)
            return
        threshold = self._threshold
        found = scores.tolist()
        decisions = None if threshold is None else [score >= threshold for score in found]
        content = self._encode(
            Answer(request_id.decode(), self._predictor.digest, found, decisions)
        )
        await answer(send, 200, _head(JSON, content, request_id, headers), content)
        self._metrics.count(200)
        self._metrics.latency.observe(time.perf_counter() - start)

    async def _refuse(self, send: Send, problem: Problem, request_id: bytes) -> None:
        content = problem.body(request_id.decode())
        head = [*_head(MEDIA_TYPE, content, request_id, {}), *problem.headers]
        await answer(send, problem.status, head, content)

    def _fixed(self, content: bytes) -> Handler:
        async def handler(scope: Scope, receive: Receive, send: Send) -> None:
            headers: dict[bytes, bytes] = dict(scope["headers"])
            await answer(send, 200, _head(JSON, content, self._ids.of(headers), headers), content)

        return handler

    async def _rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what is not ours; at the end of the life cycle, first finish our own work."""
        if scope["type"] != "lifespan":
            await self._bentoml(scope, receive, send)
            return

        async def own_receive() -> Any:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await asyncio.get_running_loop().run_in_executor(None, self._predictor.close)
            return message

        await self._bentoml(scope, own_receive, send)


def _check_head(headers: dict[bytes, bytes], scope: Scope) -> None:
    kind = headers.get(b"content-type", b"")
    if kind != JSON and kind.partition(b";")[0].strip().lower() != JSON:
        raise Problem(415, f"content-type is {JSON.decode()}")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        raise Problem(431, f"at most {MAX_HEADER_BYTES} bytes of headers")


def _head(
    kind: bytes, content: bytes, request_id: bytes, headers: dict[bytes, bytes]
) -> list[tuple[bytes, bytes]]:
    head = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(content)),
        (b"x-request-id", request_id),
    ]
    trace = headers.get(b"traceparent")
    return head if trace is None else [*head, (b"traceparent", trace)]
