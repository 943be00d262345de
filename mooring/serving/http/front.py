"""Answer the paths that must be fast or exact, and leave everything else to BentoML.

In: ASGI scopes from the server that `bentoml serve` runs. Out: answers, each with a request id. The
choice is explained in docs/decisions/0010.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

import msgspec

from mooring.serving.http.direct import Direct
from mooring.serving.http.endpoints import JSON, Infer, Predict
from mooring.serving.http.exchange import (
    MAX_HEADER_BYTES,
    ClientGone,
    Receive,
    Scope,
    Send,
    answer,
    head_of,
    mistake_of,
    read_body,
    refusal_of,
)
from mooring.serving.http.inference import described
from mooring.serving.http.openapi import document
from mooring.serving.http.request_ids import RequestIds
from mooring.serving.problems import Problem
from mooring.serving.recording.recorder import settle
from mooring.serving.scoring.pool import OpenRequests
from mooring.serving.scoring.predictor import Predictor
from mooring.serving.telemetry.logs import TRACE
from mooring.serving.telemetry.tracing import Tracing

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]
BENTOMLS = frozenset(["/", "/docs.json", "/schema.json", "/metrics", "/healthz"])
PAGES = "/static_content/"
"""BentoML's own paths. It keeps a metric for each requested path, so no other path reaches it."""
TICK_S = 1.0
TICKS_PER_COLLECTION = 10
SWITCH_S = 0.0005
"""How long a thread (the recorder's, or that of large bodies) may keep a request waiting for the
interpreter; Python's own is 5 ms."""


class Front:
    """An ASGI application around BentoML's."""

    def __init__(self, bentoml: Handler, predictor: Predictor) -> None:
        self._bentoml, self._predictor = bentoml, predictor
        self._metrics, self._limits = predictor.metrics, predictor.served.serving.limits
        self._open = OpenRequests(predictor.served.serving.admission)
        self._ids, self._tracing, self._n_ticks = RequestIds(), Tracing.configured(), 0
        name, version = predictor.schema.name, predictor.version
        predict = Predict(predictor)
        self.direct = None if self._tracing else Direct(predictor, predict, self._open, self._ids)
        about = described(predictor.schema, predictor.served, version)
        server = {"name": "mooring", "version": version, "extensions": []}
        facts = predictor.described()
        api = document(predictor.schema, predictor.served, version, facts["source_commit"])
        fixed: dict[str, Any] = {
            "/v1/model": facts,
            "/livez": {"status": "alive"},
            "/readyz": {"status": "ready"},
            "/openapi.json": api,
            "/v2": server,
            "/v2/health/live": {"live": True},
            "/v2/health/ready": {"ready": True},
            f"/v2/models/{name}": about,
            f"/v2/models/{name}/ready": {"name": name, "ready": True},
        }
        self._routes: dict[str, tuple[str, Handler]] = {
            "/v1/predict": ("POST", self._scoring("/v1/predict", predict)),
            f"/v2/models/{name}/infer": (
                "POST",
                self._scoring("/v2/infer", Infer(predictor, predict)),
            ),
        } | {path: ("GET", self._fixed(msgspec.json.encode(of))) for path, of in fixed.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the life cycle."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await self._rest(scope, receive, send)
            return
        method, handler = route
        if scope["method"] == method or (scope["method"], method) == ("HEAD", "GET"):
            await handler(scope, receive, send)
            return
        problem = Problem(405, f"only {method}", headers=((b"allow", method.encode()),))
        await self._refuse(send, problem, self._ids.of(dict(scope["headers"])))

    def _scoring(self, name: str, endpoint: Predict | Infer) -> Handler:
        async def handler(scope: Scope, receive: Receive, send: Send) -> None:
            start = time.perf_counter()
            headers: dict[bytes, bytes] = dict(scope["headers"])
            request_id = self._ids.of(headers)
            span = self._tracing.span(name, headers) if self._tracing else nullcontext()
            with span:
                status = await self._score(endpoint, scope, receive, send, headers, request_id)
            self._metrics.count(status)
            if status == 200:
                self._metrics.latency.observe(time.perf_counter() - start)

        return handler

    async def _score(
        self,
        endpoint: Predict | Infer,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: dict[bytes, bytes],
        request_id: bytes,
    ) -> int:
        """Answer one request that scores; return its status, 499 if the client has gone."""
        TRACE.set(headers.get(b"traceparent", b""))
        try:
            client = self._open.enter(headers, scope["client"])
            try:
                _check_head(scope, headers)
                endpoint.check(headers)
                body = await read_body(scope, receive, self._limits)
                self._predictor.pool.refuse_if_full()
                kind, content = await endpoint(headers, body, request_id.decode())
            finally:
                self._open.leave(client)
        except Problem as problem:
            await self._refuse(send, problem, request_id, headers)
            return problem.status
        except ClientGone:
            return 499
        except Exception as error:  # noqa: BLE001 - an internal error is answered and logged
            await self._refuse(send, mistake_of(error, request_id), request_id, headers)
            return 500
        await answer(send, 200, head_of(kind, content, request_id, headers), content)
        return 200

    async def _refuse(
        self,
        send: Send,
        problem: Problem,
        request_id: bytes,
        headers: dict[bytes, bytes] | None = None,
    ) -> None:
        head, content = refusal_of(problem, request_id, headers or {})
        await answer(send, problem.status, head, content)

    def _fixed(self, content: bytes) -> Handler:
        async def handler(scope: Scope, receive: Receive, send: Send) -> None:
            headers: dict[bytes, bytes] = dict(scope["headers"])
            await answer(send, 200, head_of(JSON, content, self._ids.of(headers), headers), content)

        return handler

    async def _rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is not ours; start and stop our own work with the life cycle."""
        if scope["type"] == "http":
            try:
                _check_head(scope, dict(scope["headers"]))
                if not scope["path"].startswith(PAGES) and scope["path"] not in BENTOMLS:
                    raise Problem(404, "no such path; /openapi.json lists them")
            except Problem as problem:
                await self._refuse(send, problem, self._ids.of(dict(scope["headers"])))
                return
        if scope["type"] != "lifespan":
            if scope["path"] == "/metrics":
                self._metrics.tell()
            await self._bentoml(_plain(scope), receive, send)
            return

        async def receive_and_act() -> Any:
            message = await receive()
            if message["type"] == "lifespan.startup":
                settle()
                self._tick()
                if self._predictor.recorder is not None:
                    sys.setswitchinterval(SWITCH_S)
                    self._predictor.recorder.start()
            else:
                if self._predictor.recorder is not None:
                    close = self._predictor.recorder.close
                    await asyncio.get_running_loop().run_in_executor(None, close)
                self._metrics.tell()
            return message

        await self._bentoml(scope, receive_and_act, send)

    def _tick(self) -> None:
        """Update, once a second, the metrics that requests do not update."""
        self._metrics.waiting.set(self._predictor.pool.take_peak())
        self._metrics.tell()
        self._n_ticks += 1
        if self._n_ticks % TICKS_PER_COLLECTION == 0:
            gc.collect()
        asyncio.get_running_loop().call_later(TICK_S, self._tick)


def _plain(scope: Scope) -> Scope:
    """Return a scope without header values that BentoML's middlewares cannot decode."""
    if scope["type"] != "http" or all(value.isascii() for _, value in scope["headers"]):
        return scope
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[1].isascii()]}


def _check_head(scope: Scope, headers: dict[bytes, bytes]) -> None:
    if b"upgrade" in headers:
        # uvicorn stops reading there: the body would never arrive, or be taken for the next request.
        detail = "this server does not change protocols: use HTTP/1.1 without an upgrade"
        raise Problem(400, detail, headers=((b"connection", b"close"),))
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        raise Problem(431, f"at most {MAX_HEADER_BYTES} bytes of headers")
