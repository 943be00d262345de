"""The OpenAPI 3.1 document of one served model, made from the same facts that the server obeys.

In: the request schema of conf/data and what is served. Out: a document of every path, every
limit, every rule of a value and every refusal; nothing in it is written by hand for one data set.
"""

from typing import Any

from mooring.bento.request import RequestSchema
from mooring.bento.served import Served
from mooring.serving.http.answers import (
    inference_example,
    prediction_example,
    problem_of,
    schemas_of,
    strict,
)
from mooring.serving.http.shapes import Json, by_columns, by_rows, inference_of, row_of
from mooring.serving.problems import TITLES

JSON, ARROW = "application/json", "application/vnd.apache.arrow.stream"
REFUSALS = (400, 405, 408, 413, 415, 422, 431, 503)
"""The statuses that a path that takes a body may refuse with."""
TEXT: Json = {"type": "string"}


def document(
    schema: RequestSchema, served: Served, version: str, commit: str | None
) -> dict[str, Any]:
    """Return the document of the model that a bento of that version serves."""
    return {
        "openapi": "3.1.0",
        "info": _info(schema, served, version, commit),
        "paths": {
            "/v1/predict": _post(_predict(schema, served)),
            "/v1/model": _get("describeModel", "Exactly what is served.", _ref("Served"), 503),
            "/openapi.json": _get("describeApi", "This document.", {"type": "object"}, 503),
            "/livez": _get("isAlive", "Whether the process runs.", _status("alive")),
            "/readyz": _get("isReady", "Whether it is ready for requests.", _status("ready"), 503),
            "/metrics": {"get": _metrics()},
            **_protocol(schema),
            "/v2/models/{name}/infer": _post(_infer(schema, served, version), 404)
            | {"parameters": [_name(schema)]},
        },
        "components": {
            "schemas": {
                "Row": row_of(schema, served.serving),
                "Rows": by_rows(served.serving),
                "Columns": by_columns(schema, served.serving),
                "InferenceRequest": inference_of(schema, served),
                **schemas_of(schema, served),
            },
            "responses": {f"Problem{status}": problem_of(status) for status in TITLES},
            "headers": {name: _header(text) for name, text in HEADERS.items()},
        },
    }


HEADERS = {
    "RequestId": "The x-request-id of the request if it was 1 to 128 of A-Z a-z 0-9 . _ : -, else a new one.",
    "Trace": "The traceparent of the request, if it had one (W3C Trace Context).",
}


def _header(text: str) -> Json:
    return {"description": text, "schema": TEXT}


def _info(schema: RequestSchema, served: Served, version: str, commit: str | None) -> Json:
    target, limits, admission = schema.target, served.serving.limits, served.serving.admission
    return {
        "title": f"Scorer of {schema.name}",
        "version": version,
        "summary": f"{schema.task}: {target.description} ({target.unit})",
        "description": (
            "The version is the hash of everything that is served, so the same version answers "
            f"the same. Refusals are problem details (RFC 9457). If {admission.waiting_requests} requests "
            "wait in one worker, more are refused at once with 503 and a retry-after."
        ),
        "x-model": {"name": served.name, "sha256": served.digests.model},
        "x-source-commit": commit,
        "x-limits": limits.model_dump(mode="json") | admission.model_dump(mode="json"),
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _status(word: str) -> Json:
    return strict({"status": {"const": word}})


def _answer(description: str, content: Json) -> Json:
    headers = {
        "x-request-id": {"$ref": "#/components/headers/RequestId"},
        "traceparent": {"$ref": "#/components/headers/Trace"},
    }
    return {"description": description, "headers": headers, "content": content}


def _refusals(*statuses: int) -> Json:
    return {str(s): {"$ref": f"#/components/responses/Problem{s}"} for s in statuses}


def _get(operation: str, summary: str, schema: Json, *refusals: int) -> Json:
    answer = _answer(summary, {JSON: {"schema": schema}})
    responses = {"200": answer} | _refusals(405, *refusals)
    return {"get": {"operationId": operation, "summary": summary, "responses": responses}}


def _metrics() -> Json:
    summary = "Counters of all workers, for Prometheus."
    responses = {
        status: {"description": text, "content": {"text/plain": {"schema": TEXT}}}
        for status, text in (("200", summary), ("405", TITLES[405]))
    }
    return {"operationId": "readMetrics", "summary": summary, "responses": responses}


def _post(operation: Json, *refusals: int) -> Json:
    """Return a path that takes a body, with the headers and the refusals that all of them share."""
    named = [
        {"name": name, "in": "header", "schema": TEXT, "description": description}
        for name, description in (
            ("x-request-id", "The client's id of the request; 1 to 128 of A-Z a-z 0-9 . _ : -"),
            ("traceparent", "Returned unchanged (W3C Trace Context)."),
        )
    ]
    responses = operation["responses"] | _refusals(*REFUSALS, *refusals)
    return {"post": operation | {"parameters": named, "responses": responses}}


def _body(served: Served, content: Json) -> Json:
    limits = served.serving.limits
    text = (
        f"At most {limits.rows} rows and {limits.body_bytes} bytes, before and after decompression, "
        f"sent within {limits.body_timeout_s:g} seconds. Content-encoding is gzip, or none. Repeated "
        "keys in one object, NaN and Infinity are refused."
    )
    return {"description": text, "required": True, "content": content}


def _predict(schema: RequestSchema, served: Served) -> Json:
    summary = "One score for each row."
    examples = {
        "rows": {"summary": "One object per row", "value": {"rows": [dict(schema.example)]}},
        "columns": {
            "summary": "One list per column, all of equal length",
            "value": {"columns": {name: [value] for name, value in schema.example.items()}},
        },
    }
    body = {
        JSON: {"schema": {"oneOf": [_ref("Rows"), _ref("Columns")]}, "examples": examples},
        ARROW: _arrow("One Arrow IPC stream with those columns; a null is a missing value."),
    }
    decided = "" if served.threshold is None else ", decision (bool)"
    stream = f"Columns score (float64){decided}; the metadata names the model."
    answers = {
        JSON: {"schema": _ref("Prediction"), "example": prediction_example(served)},
        ARROW: _arrow(f"{stream} Sent if the request accepts it, or is Arrow itself."),
    }
    return {
        "operationId": "predict",
        "summary": summary,
        "requestBody": _body(served, body),
        "responses": {"200": _answer(summary, answers)},
    }


def _arrow(description: str) -> Json:
    return {"schema": {"contentMediaType": ARROW, "description": description}}


def _name(schema: RequestSchema) -> Json:
    about = "The name of the data set."
    parameter = {"name": "name", "in": "path", "required": True, "description": about}
    return parameter | {"schema": TEXT | {"enum": [schema.name]}}


def _protocol(schema: RequestSchema) -> Json:
    """Return the Open Inference Protocol's (v2) paths about a server and its one model."""
    extensions = {"type": "array", "items": TEXT}
    server = strict({"name": TEXT, "version": TEXT, "extensions": extensions})
    named = {"parameters": [_name(schema)]}
    live, ready = strict({"live": {"const": True}}), {"ready": {"const": True}}
    model = _get("describeInference", "The tensors of the model.", _ref("InferenceModel"), 404, 503)
    model_ready = strict({"name": {"const": schema.name}} | ready)
    return {
        "/v2": _get("describeServer", "The server, not the model.", server, 503),
        "/v2/health/live": _get("isServerLive", "Same as /livez.", live, 503),
        "/v2/health/ready": _get("isServerReady", "Same as /readyz.", strict(ready), 503),
        "/v2/models/{name}": model | named,
        "/v2/models/{name}/ready": _get("isModelReady", "Same as /readyz.", model_ready, 404, 503)
        | named,
    }


def _infer(schema: RequestSchema, served: Served, version: str) -> Json:
    summary = "One score for each row, by the Open Inference Protocol."
    example = inference_example(schema, served, version)
    answer = {JSON: {"schema": _ref("Inference"), "example": example}}
    return {
        "operationId": "infer",
        "summary": summary,
        "requestBody": _body(served, {JSON: {"schema": _ref("InferenceRequest")}}),
        "responses": {"200": _answer(summary, answer)},
    }
