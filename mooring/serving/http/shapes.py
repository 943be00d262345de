"""What conf/data allows in a request, as JSON Schema (draft 2020-12, the dialect of OpenAPI 3.1).

In: a request schema and the policies of conf/serving. Out: the schemas of one row, of whole columns
and of the tensors of the Open Inference Protocol, which accept what the server accepts.
"""

from typing import Any

from mooring.bento.request import MAX_KEY_LENGTH, RequestSchema
from mooring.bento.served import Served
from mooring.config.data import CategoryColumn, Column, NumberColumn
from mooring.config.serving import Serving

Json = dict[str, Any]
NUMBER_TYPES = (
    *("FP64", "FP32", "FP16", "INT64", "INT32", "INT16", "INT8"),
    *("UINT64", "UINT32", "UINT16", "UINT8"),
)
"""The datatypes of the Open Inference Protocol that may hold a number column; a category is BYTES."""
YEAR = r"(197[1-9]|19[89]\d|2[01]\d\d)"
"""YEARS of mooring.bento.request."""
TIME = r"\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})"
INSTANT = f"^{YEAR}-{TIME}$"
N_EXAMPLES = 5


def value_of(name: str, schema: RequestSchema, serving: Serving) -> Json:
    """Return the schema of one value of an input column."""
    column = schema.columns[name]
    nullable = serving.missing == "score"
    value: Json = {"description": _described(column, nullable)}
    if isinstance(column, NumberColumn):
        value |= _number(column)
    else:
        seen = schema.seen.get(name)
        refused = serving.unseen == "refuse" and not column.open
        value |= _category(column, seen, refuse_unseen=refused)
    if nullable:
        value["type"] = [value["type"], "null"]
        if "enum" in value:
            value["enum"] = [*value["enum"], None]
    return value


def _described(column: Column, nullable: bool) -> str:
    unit = f" Unit: {column.unit}." if isinstance(column, NumberColumn) else ""
    missing = "Null if it is missing." if nullable else "It must not be missing."
    return f"{column.description}.{unit} {missing}"


def _number(column: NumberColumn) -> Json:
    limits = {"minimum": column.min, "maximum": column.max}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return {"type": "number", "format": "double", "x-unit": column.unit, **given}


def _category(
    column: CategoryColumn, seen_categories: tuple[str, ...] | None, *, refuse_unseen: bool
) -> Json:
    if column.categories is not None:
        return {"type": "string", "enum": list(column.categories)}
    value: Json = {"type": "string", "minLength": 1, "maxLength": column.max_length}
    if seen_categories and refuse_unseen:
        value["enum"] = list(seen_categories)
    elif seen_categories:
        value["examples"] = list(seen_categories[:N_EXAMPLES])
    return value


def names_of(schema: RequestSchema) -> dict[str, Json]:
    """Return the schemas of the key and the time of a row, which may be left out but not be null."""
    key = "The key of the row, which late labels are joined by. It may be left out."
    names: dict[str, Json] = {
        schema.key: {
            "description": key,
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_KEY_LENGTH,
        }
    }
    if schema.time:
        asked = (
            "The time of the prediction, with its offset from UTC (RFC 3339). "
            f"Days are in {schema.time.zone}. If left out, it is the time of arrival."
        )
        names[schema.time.column] = {
            "description": asked,
            "type": "string",
            "format": "date-time",
            "pattern": INSTANT,
            "examples": ["2026-01-31T08:00:00Z"],
        }
    return names


def row_of(schema: RequestSchema, serving: Serving) -> Json:
    """Return the schema of one row: every input column, and nothing that conf/data does not name."""
    inputs = {name: value_of(name, schema, serving) for name in schema.columns}
    return {
        "type": "object",
        "required": list(schema.columns),
        "properties": inputs | names_of(schema),
        "additionalProperties": False,
        "examples": [dict(schema.example)],
    }


def by_rows(serving: Serving) -> Json:
    """Return the schema of a body that holds one object per row."""
    row = {"$ref": "#/components/schemas/Row"}
    return _only("rows", {"type": "array", "items": row} | _lengths(serving))


def by_columns(schema: RequestSchema, serving: Serving) -> Json:
    """Return the schema of a body that holds one list per column."""
    row = row_of(schema, serving)
    lists = {
        name: {"type": "array", "items": value} | _lengths(serving)
        for name, value in row["properties"].items()
    }
    columns = row | {"properties": lists, "description": "Lists of equal length, one per column."}
    columns["examples"] = [{name: [value] for name, value in schema.example.items()}]
    return _only("columns", columns)


def _only(name: str, value: Json) -> Json:
    return {
        "type": "object",
        "required": [name],
        "properties": {name: value},
        "additionalProperties": False,
    }


def _lengths(serving: Serving) -> Json:
    return {"minItems": 1, "maxItems": serving.limits.rows}


def inference_of(schema: RequestSchema, served: Served) -> Json:
    """Return the schema of a request of the Open Inference Protocol: one tensor per column."""
    serving = served.serving
    inputs = {name: value_of(name, schema, serving) for name in schema.columns}
    values = inputs | names_of(schema)
    tensors = [_tensor(name, value, schema, serving) for name, value in values.items()]
    free = {"type": "object", "description": "Accepted and ignored."}
    output = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"enum": outputs_of(served)}, "parameters": free},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string", "description": "Returned unchanged."},
            "parameters": free,
            "inputs": {
                "type": "array",
                "items": {"oneOf": tensors},
                "minItems": len(inputs),
                "maxItems": len(values),
                "description": "Every input column once, all of the same number of rows.",
            },
            "outputs": {"type": "array", "items": output, "description": "All, if left out."},
        },
        "additionalProperties": False,
        "examples": [{"id": "order-7", "inputs": _example(schema)}],
    }


def _tensor(name: str, value: Json, schema: RequestSchema, serving: Serving) -> Json:
    n = {"type": "integer", "minimum": 1, "maximum": serving.limits.rows}
    number = isinstance(schema.columns.get(name), NumberColumn)
    return {
        "type": "object",
        "title": name,
        "required": ["name", "shape", "datatype", "data"],
        "properties": {
            "name": {"const": name},
            "shape": {
                "type": "array",
                "prefixItems": [n, {"const": 1}],
                "minItems": 1,
                "maxItems": 2,
                "description": "[n] or [n, 1] for n rows.",
            },
            "datatype": {"enum": list(NUMBER_TYPES) if number else ["BYTES"]},
            "parameters": {"type": "object"},
            "data": {"type": "array", "items": value} | _lengths(serving),
        },
        "additionalProperties": False,
    }


def outputs_of(served: Served) -> list[str]:
    """Return the names of the tensors that an inference answers with."""
    return ["score"] if served.threshold is None else ["score", "decision"]


def _example(schema: RequestSchema) -> list[Json]:
    return [
        {
            "name": name,
            "shape": [1],
            "datatype": "FP64" if isinstance(schema.columns[name], NumberColumn) else "BYTES",
            "data": [value],
        }
        for name, value in schema.example.items()
    ]
