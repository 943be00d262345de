"""The OpenAPI document: valid, and of the same mind as the server about every body."""

import json
from typing import Any

import numpy as np
import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from mooring.bento.request import RequestSchema
from mooring.bento.served import Digests, Served
from mooring.config.data import CategoryColumn, Data
from mooring.config.serving import Limits, Serving
from mooring.serving.http.openapi import document
from mooring.serving.problems import TITLES, Problem
from mooring.serving.reading.rows import RowReader
from tests.support import small, tables
from tests.support.conf import CONF

COMMIT = "c" * 40
HOSTILE = ("a'b", "a/b~c", "a b{c}", "$ref", "ключ", "__proto__")
MODES = [("score", "score"), ("refuse", "refuse")]


def flights() -> Data:
    return Data.parse("data", yaml.safe_load((CONF / "data/flights.yaml").read_text()), "conf")


def hostile() -> Data:
    number = {"kind": "number", "description": "|", "unit": "<b>", "min": -1, "max": 1}
    return tables.data(columns={name: number for name in HOSTILE}, key="'/", time=None)


def of_small(task: str) -> Data:
    return Data.parse("data", small.params(task, True)["data"], "params")


DATA = [flights(), hostile(), of_small("classification"), of_small("regression")]


def request_of(data: Data) -> RequestSchema:
    rows = {}
    for name, column in data.columns.items():
        text = isinstance(column, CategoryColumn)
        value = (column.categories or ("Rye",))[0] if text else max(column.min or 0, 1)
        rows[name] = np.array([value], dtype=object if text else np.float64)
    return RequestSchema.of(data, rows)


def serving(missing: str = "score", unseen: str = "score") -> Serving:
    limits = Limits(body_bytes=4096, rows=3, body_timeout_s=2.5)
    changes = {"missing": missing, "unseen": unseen, "limits": limits}
    return tables.serving().model_copy(update=changes)


def served(data: Data, policies: Serving) -> Served:
    threshold = 0.4 if data.task == "classification" else None
    digests = Digests(**dict.fromkeys(Digests.model_fields, "a" * 64))
    return Served(
        schema_version=1,
        name="boosted",
        threshold=threshold,
        parity_atol=1e-5,
        digests=digests,
        segments={},
        serving=policies,
    )


def documented(data: Data, missing: str = "score", unseen: str = "score") -> dict[str, Any]:
    return document(request_of(data), served(data, serving(missing, unseen)), "0" * 16, COMMIT)


def validator(content: dict[str, Any], name: str) -> Draft202012Validator:
    """Return what judges a value by one of the document's named schemas."""
    refer = {"$ref": f"#/components/schemas/{name}"}
    return Draft202012Validator(refer | {"components": content["components"]})


@pytest.mark.parametrize("data", DATA, ids=lambda data: f"{data.name}-{data.task}")
@pytest.mark.parametrize(("missing", "unseen"), MODES)
def test_the_document_is_openapi_whatever_the_columns_are_called(
    data: Data, missing: str, unseen: str
) -> None:
    content = json.loads(json.dumps(documented(data, missing, unseen)))
    OpenAPIV31SpecValidator(content).validate()
    for schema in content["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("data", DATA, ids=lambda data: f"{data.name}-{data.task}")
def test_every_example_in_it_is_valid(data: Data) -> None:
    content = documented(data)
    schemas, operations = content["components"]["schemas"], content["paths"]
    predict, infer = (
        operations[path]["post"] for path in ("/v1/predict", "/v2/models/{name}/infer")
    )
    examples = predict["requestBody"]["content"]["application/json"]["examples"]
    validator(content, "Rows").validate(examples["rows"]["value"])
    validator(content, "Columns").validate(examples["columns"]["value"])
    validator(content, "Row").validate(schemas["Row"]["examples"][0])
    validator(content, "InferenceRequest").validate(schemas["InferenceRequest"]["examples"][0])
    for operation, name in ((predict, "Prediction"), (infer, "Inference")):
        answer = operation["responses"]["200"]["content"]["application/json"]
        validator(content, name).validate(answer["example"])


def test_units_ranges_and_categories_are_those_of_conf() -> None:
    row = documented(flights())["components"]["schemas"]["Row"]
    assert row["required"] == list(flights().columns)
    assert row["properties"]["humid"] == {
        "description": "relative humidity. Unit: percent. Null if it is missing.",
        "type": ["number", "null"],
        "format": "double",
        "minimum": 0,
        "maximum": 100,
        "x-unit": "percent",
    }
    assert row["properties"]["origin"] == {
        "description": "airport of departure. Null if it is missing.",
        "type": ["string", "null"],
        "enum": ["EWR", "JFK", "LGA", None],
    }
    assert row["properties"]["dest"] == {
        "description": "airport of arrival (FAA code). Null if it is missing.",
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": 3,
        "examples": ["Rye"],
    }


def test_policies_and_limits_are_those_of_conf() -> None:
    of_closed = documented(of_small("classification"), "refuse", "refuse")["components"]["schemas"]
    assert of_closed["Row"]["properties"]["city"]["enum"] == ["Rye"]
    content = documented(flights(), "refuse", "refuse")
    schemas = content["components"]["schemas"]
    assert schemas["Row"]["properties"]["humid"]["type"] == "number"
    assert "enum" not in schemas["Row"]["properties"]["dest"]  # an open set
    assert schemas["Rows"]["properties"]["rows"]["maxItems"] == 3
    body = content["paths"]["/v1/predict"]["post"]["requestBody"]["description"]
    assert body.startswith("At most 3 rows and 4096 bytes, before and after decompression, sent")
    assert content["info"]["x-limits"] == {
        "body_bytes": 4096,
        "rows": 3,
        "body_timeout_s": 2.5,
        "open_requests": 1024,
        "open_requests_per_client": 1024,
        "client_header": None,
        "waiting_requests": 64,
        "retry_after_s": 1,
    }


def test_decisions_are_said_where_a_threshold_makes_them() -> None:
    for data, decides in ((flights(), True), (of_small("regression"), False)):
        schemas = documented(data)["components"]["schemas"]
        assert ("decisions" in schemas["Prediction"]["properties"]) == decides
        names = schemas["InferenceRequest"]["properties"]["outputs"]["items"]["properties"]["name"]
        assert names == {"enum": ["score", "decision"] if decides else ["score"]}


def test_the_document_says_what_exactly_is_served() -> None:
    info = documented(flights())["info"]
    assert (info["version"], info["x-source-commit"]) == ("0" * 16, COMMIT)
    assert info["x-model"] == {"name": "boosted", "sha256": "a" * 64}
    about = served(flights(), serving()).model_dump(mode="json")
    said = validator(documented(flights()), "Served")
    said.validate({**about, "version": "0" * 16, "source_commit": None})
    with pytest.raises(ValidationError):
        said.validate({**about, "version": "0" * 16, "source_commit": None, "other": 1})


def test_a_problem_is_as_the_server_writes_it() -> None:
    content = documented(flights())
    said = validator(content, "Problem")
    for status, title in TITLES.items():
        written = json.loads(Problem(status, "why").body("id-1"))
        said.validate(written)
        response = content["components"]["responses"][f"Problem{status}"]
        assert response["description"] == written["title"] == title
    reader = RowReader(request_of(flights()), serving())
    with pytest.raises(Problem) as caught:
        reader.read(b'{"rows": [{"origin": 5}, 7]}')
    said.validate(json.loads(caught.value.body("id-1")))


def test_a_wrong_tensor_is_not_allowed() -> None:
    content = documented(of_small("classification"))
    judge = validator(content, "InferenceRequest")
    example = content["components"]["schemas"]["InferenceRequest"]["examples"][0]
    for change in ({"datatype": "BOOL"}, {"name": "other"}, {"shape": [1, 2]}, {"more": 1}):
        wrong = [{**example["inputs"][0], **change}, *example["inputs"][1:]]
        assert not judge.is_valid({"inputs": wrong})
    assert not judge.is_valid({"inputs": example["inputs"][:1]})
    assert judge.is_valid({**example, "outputs": [{"name": "decision"}]})
