"""The scorer's answers as JSON Schema: scores, problems, and the facts of the served model."""

from typing import Any

from mooring.bento.request import RequestSchema
from mooring.bento.served import Served
from mooring.serving.http.shapes import Json, outputs_of
from mooring.serving.problems import MAX_ERRORS, TITLES

SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
SCORE_EXAMPLE = 0.25
NULLABLE = {"type": ["string", "null"]}


def strict(required: Json, optional: Json | None = None) -> Json:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def _list_of(items: Json, **more: Any) -> Json:
    return {"type": "array", "items": items} | more


def schemas_of(schema: RequestSchema, served: Served) -> dict[str, Json]:
    """Return the named schemas of every answer."""
    return {
        "Prediction": _prediction(schema, served),
        "Served": _served(),
        "Inference": _inference(served),
        "InferenceModel": _inference_model(served),
        "Problem": _problem(),
    }


def _prediction(schema: RequestSchema, served: Served) -> Json:
    target = schema.target
    meaning = "The probability that it is 1" if schema.task == "classification" else "The estimate"
    about = f"{meaning}, one per row, in the order of the request: {target.description}"
    scores = _list_of({"type": "number"}, minItems=1, description=f"{about} ({target.unit}).")
    required = {"request_id": {"type": "string"}, "model": SHA256, "scores": scores}
    if served.threshold is not None:
        rule = f"Whether a score is at least {served.threshold:g}, one per row."
        required["decisions"] = _list_of({"type": "boolean"}, minItems=1, description=rule)
    shared = "The models that scored; only while two releases share the traffic."
    models = _list_of(SHA256, minItems=1, description=shared)
    return strict(required, {"models": models})


def prediction_example(served: Served) -> Json:
    """Return an answer to the example request. The score is made up."""
    answer = {"request_id": "order-7", "model": served.digests.model, "scores": [SCORE_EXAMPLE]}
    if served.threshold is not None:
        answer["decisions"] = [served.threshold <= SCORE_EXAMPLE]
    return answer


def _served() -> Json:
    """Return the schema of /v1/model: that of served.json, and what is known only at run time."""
    ref = "#/components/schemas/Served/$defs/{model}"
    schema = Served.model_json_schema(mode="serialization", ref_template=ref)
    schema["properties"] |= {
        "version": {"type": "string", "description": "The hash of the bento's content."},
        "source_commit": NULLABLE | {"description": "Null if the tree is not committed."},
    }
    schema["required"] = list(schema["properties"])
    return schema


def _inference(served: Served) -> Json:
    n = {"type": "integer", "minimum": 1}
    kinds = {"score": ("FP64", "number"), "decision": ("BOOL", "boolean")}
    outputs = [
        strict(
            {
                "name": {"const": name},
                "shape": _list_of(n, minItems=1, maxItems=1),
                "datatype": {"const": kinds[name][0]},
                "data": _list_of({"type": kinds[name][1]}, minItems=1),
            }
        )
        for name in outputs_of(served)
    ]
    names = {"model_name": {"type": "string"}, "model_version": {"type": "string"}}
    tensors = _list_of({"oneOf": outputs}, minItems=1)
    return strict(names | {"outputs": tensors}, {"id": {"type": "string"}})


def inference_example(schema: RequestSchema, served: Served, version: str) -> Json:
    """Return an answer to the example inference. The score is made up."""
    outputs: list[Json] = [
        {"name": "score", "shape": [1], "datatype": "FP64", "data": [SCORE_EXAMPLE]}
    ]
    if served.threshold is not None:
        decision = served.threshold <= SCORE_EXAMPLE
        outputs.append({"name": "decision", "shape": [1], "datatype": "BOOL", "data": [decision]})
    names = {"model_name": schema.name, "model_version": version, "id": "order-7"}
    return names | {"outputs": outputs}


def _inference_model(served: Served) -> Json:
    shape = _list_of({"type": "integer", "minimum": -1}, description="-1 means any number.")
    tensor = {"name": {"type": "string"}, "datatype": {"type": "string"}, "shape": shape}
    tensors = _list_of(strict(tensor), minItems=1)
    return strict(
        {
            "name": {"type": "string"},
            "versions": _list_of({"type": "string"}, minItems=1),
            "platform": {"type": "string"},
            "inputs": tensors,
            "outputs": tensors | {"maxItems": len(outputs_of(served))},
        }
    )


def _problem() -> Json:
    """Return the schema of problem details (RFC 9457)."""
    violation = strict(
        {
            "row": {"type": ["integer", "null"], "minimum": 0},
            "column": {"type": "string"},
            "rule": {"type": "string"},
            "value": {"type": "string", "description": "As JSON, cut short."},
        }
    )
    errors = _list_of(violation, maxItems=MAX_ERRORS, description="Which values break which rule.")
    return strict(
        {
            "type": {"const": "about:blank"},
            "title": {"enum": sorted(TITLES.values())},
            "status": {"enum": sorted(TITLES)},
            "detail": {"type": "string"},
            "request_id": {"type": "string"},
        },
        {"errors": errors},
    )


def problem_of(status: int) -> Json:
    """Return the response of a refusal with one status."""
    same = {"status": {"const": status}, "title": {"const": TITLES[status]}}
    problem = {"$ref": "#/components/schemas/Problem"}
    schema = {"allOf": [problem, {"properties": same}]}
    headers: Json = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
    if status == 405:
        allow = {"description": "The allowed method.", "schema": {"type": "string"}}
        headers["allow"] = allow | {"required": True}
    if status == 503:
        seconds = {"type": "integer", "minimum": 1}
        about = "Seconds; missing if the server can never be ready."
        headers["retry-after"] = {"description": about, "schema": seconds}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": TITLES[status], "headers": headers, "content": content}
