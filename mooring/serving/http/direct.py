"""Answer a request that arrives whole: rows in JSON, read and scored without ASGI, written at once.

Without ASGI there is no task, no scope and no message to make, and one write to the socket replaces two. A
request that arrives in pieces, or asks for more than scores in JSON, goes through front.py, whose rules are
the same.
"""

import re
import time
from collections.abc import Callable
from typing import Any

from mooring.serving.http.endpoints import ARROW, JSON, Predict, media_type
from mooring.serving.http.exchange import MAX_HEADER_BYTES, Headers, head_of, mistake_of, refusal_of
from mooring.serving.http.request_ids import RequestIds
from mooring.serving.problems import Problem
from mooring.serving.scoring.pool import OpenRequests
from mooring.serving.scoring.predictor import COLUMNS, Predictor
from mooring.serving.telemetry.logs import TRACE

URL = b"/v1/predict"
MAX_BYTES = MAX_HEADER_BYTES
"""The limit of head and body together, so that both are within their limits."""
ASKS_MORE = frozenset([b"content-encoding", b"expect", b"transfer-encoding", b"upgrade"])
PLAIN = re.compile(rb"[\x21-\x7e]{1,256}")
Answer = Callable[[int, Headers, bytes], None]
"""Takes a status, headers and content, once."""


class Direct:
    """Answers whole requests."""

    def __init__(
        self, predictor: Predictor, predict: Predict, admitted: OpenRequests, ids: RequestIds
    ) -> None:
        self._predictor, self._predict, self._open, self._ids = predictor, predict, admitted, ids
        self._max_body = predictor.served.serving.limits.body_bytes

    def takes(self, headers: dict[bytes, bytes]) -> bool:
        """Return whether a POST to URL with these headers asks for nothing but scores in JSON."""
        length = headers.get(b"content-length", b"")
        return (
            media_type(headers) == JSON
            and ASKS_MORE.isdisjoint(headers)
            and length.isdigit()
            and int(length) <= self._max_body
            and ARROW not in headers.get(b"accept", b"")
            and (
                b"traceparent" not in headers
                or PLAIN.fullmatch(headers[b"traceparent"]) is not None
            )
        )

    def reads(self, body: bytes) -> bool:
        """Return whether a body holds rows; whole columns are read elsewhere."""
        return COLUMNS.match(body) is None

    def answer(
        self, headers: dict[bytes, bytes], body: bytes, peer: tuple[str, int] | None, reply: Answer
    ) -> None:
        """Score a body; `reply` is called now, or at the end of this turn of the loop."""
        began = time.perf_counter()
        request_id = self._ids.of(headers)
        metrics, admitted = self._predictor.metrics, self._open

        def refuse(error: BaseException) -> None:
            problem = error if isinstance(error, Problem) else _mistake(error, request_id, headers)
            metrics.count(problem.status)
            reply(problem.status, *refusal_of(problem, request_id, headers))

        def done(scored: Any, error: BaseException | None) -> None:
            admitted.leave(client)
            try:
                if error is not None:
                    raise error
                content = self._predict.json_answer(scored, request_id.decode())
            except Exception as failed:  # noqa: BLE001 - the others of the batch need theirs
                refuse(failed)
                return
            metrics.count(200)
            reply(200, head_of(JSON, content, request_id, headers), content)
            metrics.latency.observe(time.perf_counter() - began)

        try:
            client = admitted.enter(headers, peer)
        except Problem as problem:
            refuse(problem)
            return
        try:
            self._predictor.pool.refuse_if_full()
            rows = self._predictor.rows.read(body)
            self._predictor.pool.submit(rows, request_id.decode(), done)
        except Exception as error:  # noqa: BLE001 - answered, and logged if it is internal
            done(None, error)


def _mistake(error: BaseException, request_id: bytes, headers: dict[bytes, bytes]) -> Problem:
    """Return the problem of an internal error, logged with the trace, which no task keeps here."""
    token = TRACE.set(headers.get(b"traceparent", b""))
    try:
        return mistake_of(error, request_id)
    finally:
        TRACE.reset(token)
