"""The two paths that score: /v1/predict, and the Open Inference Protocol's infer.

In: one request's head and body. Out: its answer's content. An error is raised as a Problem.
"""

from functools import cached_property
from importlib import import_module
from typing import Any

import msgspec

from mooring.serving.http.inference import InferenceRequest, response
from mooring.serving.problems import Problem
from mooring.serving.reading.parsed import ParsedColumns
from mooring.serving.scored import Scored
from mooring.serving.scoring.predictor import Predictor

JSON = b"application/json"
ARROW = b"application/vnd.apache.arrow.stream"
Headers = dict[bytes, bytes]
Answered = tuple[bytes, bytes]
"""A content type, and content."""


class Answer(msgspec.Struct, omit_defaults=True):
    """The body of a prediction."""

    request_id: str
    model: str
    scores: list[float]
    decisions: list[bool] | None = None
    models: list[str] | None = None


def media_type(headers: Headers) -> bytes:
    """Return the content type of a request without its parameters."""
    kind = headers.get(b"content-type", b"")
    return kind if kind == JSON else kind.partition(b";")[0].strip().lower()


class Predict:
    """/v1/predict: JSON by rows or by columns, or an Arrow stream."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._threshold = predictor.served.threshold
        self._encode = msgspec.json.Encoder().encode
        self._digest = predictor.routing.digests[0]

    async def __call__(self, headers: Headers, body: bytes, request_id: str) -> Answered:
        """Return the answer to one body."""
        kind = media_type(headers)
        if kind == JSON:
            scored = await self._predictor.score_json(body, request_id)
        else:
            scored = await self._predictor.score_columns(
                lambda: self._arrow_reader.read(body), len(body), request_id
            )
        accepted = headers.get(b"accept", b"")
        if ARROW in accepted or (kind == ARROW and JSON not in accepted):
            return ARROW, self._arrow_answer(scored, request_id)
        return JSON, self.json_answer(scored, request_id)

    def check(self, headers: Headers) -> None:
        """Raise Problem 415 for an unsupported content type."""
        if media_type(headers) not in (JSON, ARROW):
            raise Problem(415, f"content-type must be {JSON.decode()} or {ARROW.decode()}")

    def decisions(self, scores: list[float]) -> list[bool] | None:
        """Return whether each score reaches the release's threshold, None if it has none."""
        threshold = self._threshold
        return None if threshold is None else [score >= threshold for score in scores]

    def json_answer(self, scored: Scored, request_id: str) -> bytes:
        """Return the scores of one request as JSON."""
        scores, models = scored.scores.tolist(), self._predictor.digests_of(scored)
        decisions = self.decisions(scores)
        return self._encode(Answer(request_id, self._digest, scores, decisions, models))

    def _arrow_answer(self, scored: Scored, request_id: str) -> bytes:
        facts = {"request_id": request_id, "model": self._digest}
        decisions = None if self._threshold is None else scored.scores >= self._threshold
        models = self._predictor.digests_of(scored)
        answers = import_module("mooring.serving.http.arrow_answers")  # brings pyarrow
        content: bytes = answers.encode(scored.scores, decisions, models, facts)
        return content

    @cached_property
    def _arrow_reader(self) -> Any:
        reading = import_module("mooring.serving.reading.arrow")  # brings pyarrow
        return reading.ArrowReader(self._predictor.schema, self._predictor.served.serving)


class Infer:
    """/v2/models/NAME/infer."""

    def __init__(self, predictor: Predictor, predict: Predict) -> None:
        self._predictor, self._predict = predictor, predict

    async def __call__(self, headers: Headers, body: bytes, request_id: str) -> Answered:
        """Return the answer to one body."""
        predictor = self._predictor
        asked: list[InferenceRequest] = []

        def read() -> ParsedColumns:
            asked.append(InferenceRequest(body, predictor.columns))
            return asked[0].rows

        scored = await predictor.score_columns(read, len(body), request_id)
        scores = scored.scores.tolist()
        content = response(
            asked[0],
            predictor.schema.name,
            predictor.version,
            scores,
            self._predict.decisions(scores),
        )
        return JSON, msgspec.json.encode(content)

    def check(self, headers: Headers) -> None:
        """Raise Problem 415 for an unsupported content type; a missing one counts as JSON."""
        if media_type(headers) not in (JSON, b""):
            raise Problem(415, f"content-type must be {JSON.decode()}")
