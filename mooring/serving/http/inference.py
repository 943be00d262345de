"""The Open Inference Protocol, version 2: named tensors in, named tensors out, over HTTP and JSON.

In: {"inputs": [{"name", "shape", "datatype", "data"}, …]}, one tensor per column. Out: `score` and, for a
classification, `decision`. https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
"""

import math
from collections.abc import Iterator
from typing import Any

from mooring.bento.request import RequestSchema
from mooring.bento.served import Served
from mooring.serving.problems import Problem
from mooring.serving.reading.columns import ColumnReader
from mooring.serving.reading.explain import parse
from mooring.serving.reading.parsed import ParsedColumns
from mooring.serving.reading.rules import shown

NUMBERS = frozenset(
    ["FP64", "FP32", "FP16", "INT64", "INT32", "INT16", "INT8", "UINT64", "UINT32", "UINT16", "UINT8"]
)  # fmt: skip
REQUEST = frozenset(["id", "parameters", "inputs", "outputs"])
TENSOR = frozenset(["name", "shape", "datatype", "data", "parameters"])
OUTPUT = frozenset(["name", "parameters"])
OUTPUTS = ("score", "decision")


class InferenceRequest:
    """One inference request, read."""

    def __init__(self, body: bytes, reader: ColumnReader) -> None:
        content = parse(body)
        if not _is_object(content, REQUEST):
            raise Problem(
                422, f"the body must be an object with no keys except {', '.join(sorted(REQUEST))}"
            )
        if not isinstance(content.get("id", ""), str):
            raise Problem(422, "id must be a text")
        self.id: str | None = content.get("id")
        self.outputs = _asked(content["outputs"]) if "outputs" in content else OUTPUTS
        inputs = content.get("inputs")
        if not isinstance(inputs, list) or not inputs:
            raise Problem(422, "inputs must be a list of at least one tensor")
        columns: dict[str, Any] = {}
        for tensor in inputs:
            name, values = _tensor(tensor)
            if name in columns:
                raise Problem(422, f"the input {shown(name)} is repeated")
            columns[name] = values
        self.rows: ParsedColumns = reader.checked(columns)


def _is_object(value: Any, keys: frozenset[str]) -> bool:
    """Return whether a value is an object with no other keys, whose parameters, if any, are an object."""
    return (
        isinstance(value, dict)
        and set(value) <= keys
        and isinstance(value.get("parameters", {}), dict)
    )


def _asked(outputs: Any) -> tuple[str, ...]:
    given: list[Any] = outputs if isinstance(outputs, list) and outputs else [None]
    names = [output.get("name") if _is_object(output, OUTPUT) else None for output in given]
    if any(name not in OUTPUTS for name in names):
        raise Problem(422, f"outputs must be a list of objects named {' or '.join(OUTPUTS)}")
    return tuple(str(name) for name in names)


def _tensor(tensor: Any) -> tuple[str, list[Any]]:
    if not _is_object(tensor, TENSOR):
        keys = ", ".join(sorted(TENSOR))
        raise Problem(422, f"an input must be an object with no keys except {keys}")
    name, shape, kind = (tensor.get(key) for key in ("name", "shape", "datatype"))
    if not isinstance(name, str):
        raise Problem(422, "an input must have a name")
    if kind not in NUMBERS and kind != "BYTES":
        known = ", ".join(sorted(NUMBERS))
        raise Problem(422, f"the datatype of {shown(name)} must be BYTES or one of {known}")
    values = _flat(tensor.get("data"), name)
    n_rows = float(len(values))
    if shape not in ([n_rows], [n_rows, 1.0]):
        raise Problem(422, f"the shape of {shown(name)} must be [{n_rows:g}] or [{n_rows:g}, 1]")
    return name, values


def _flat(data: Any, name: str) -> list[Any]:
    if not isinstance(data, list):
        raise Problem(422, f"the data of {shown(name)} must be a list")
    if data and all(isinstance(value, list) and len(value) == 1 for value in data):
        return [value[0] for value in data]
    return data


def described(schema: RequestSchema, served: Served, version: str) -> dict[str, Any]:
    """Return the protocol's metadata of the one model."""
    kinds = [
        {"name": name, "datatype": "FP64" if column.kind == "number" else "BYTES", "shape": [-1]}
        for name, column in schema.columns.items()
    ]
    names = [schema.key, *([schema.time.column] if schema.time else [])]
    kinds += [{"name": name, "datatype": "BYTES", "shape": [-1]} for name in names]
    outputs = [{"name": "score", "datatype": "FP64", "shape": [-1]}]
    if served.threshold is not None:
        outputs.append({"name": "decision", "datatype": "BOOL", "shape": [-1]})
    return {
        "name": schema.name,
        "versions": [version],
        "platform": "onnx_onnxruntime",
        "inputs": kinds,
        "outputs": outputs,
    }


def response(
    asked: InferenceRequest,
    name: str,
    version: str,
    scores: list[float],
    decisions: list[bool] | None,
) -> dict[str, Any]:
    """Return the protocol's answer."""
    return {
        "model_name": name,
        "model_version": version,
        **({} if asked.id is None else {"id": asked.id}),
        "outputs": list(_outputs(asked.outputs, scores, decisions)),
    }


def _outputs(
    names: tuple[str, ...], scores: list[float], decisions: list[bool] | None
) -> Iterator[dict[str, Any]]:
    shape = [len(scores)]
    for name in names:
        if name == "score":
            finite = [score if math.isfinite(score) else None for score in scores]
            yield {"name": name, "datatype": "FP64", "shape": shape, "data": finite}
        elif decisions is not None:
            yield {"name": name, "datatype": "BOOL", "shape": shape, "data": decisions}
