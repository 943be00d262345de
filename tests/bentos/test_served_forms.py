"""Every door of the served scorer: columns, Arrow, the inference protocol and the OpenAPI document."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring import files
from tests.support.examples import examples
from tests.support.packaged import ROW, change_params, expected, stage_process
from tests.support.server import Server, unpack
from tests.support.small import HOSTILE

JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
rows = st.lists(
    st.fixed_dictionaries(
        {
            "x": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "city": st.none() | st.sampled_from(HOSTILE) | st.just("nowhere"),
        }
    ),
    min_size=1,
    max_size=40,
)


def columns_of(content: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in content] for name in ("x", "city")}


def streamed(content: list[dict[str, Any]]) -> bytes:
    types = pa.schema([("x", pa.float64()), ("city", pa.string())])
    table = pa.table(columns_of(content), schema=types)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def post(server: Server, content: Any, path: str = "/v1/predict", **headers: str) -> httpx.Response:
    if isinstance(content, bytes):
        return server.client.post(path, content=content, headers=headers)
    return server.client.post(
        path, content=json.dumps(content), headers={"content-type": JSON} | headers
    )


def inputs(content: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {"x": "FP64", "city": "BYTES"}
    return {
        "inputs": [
            {"name": name, "shape": [len(values)], "datatype": kinds[name], "data": values}
            for name, values in columns_of(content).items()
        ]
    }


@examples(15)
@given(rows)
def test_every_form_gives_the_same_scores(server: Server, bento: Path, content: Any) -> None:
    wanted = pytest.approx(expected(bento, content), rel=1e-13)
    assert post(server, {"rows": content}).json()["scores"] == wanted
    assert post(server, {"columns": columns_of(content)}).json()["scores"] == wanted
    one_by_one = [post(server, {"rows": [row]}).json()["scores"][0] for row in content]
    assert one_by_one == wanted
    answer = post(server, streamed(content), **{"content-type": ARROW})
    assert answer.headers["content-type"] == ARROW
    with pa.ipc.open_stream(answer.content) as reader:
        table = reader.read_all()
    assert table["score"].to_pylist() == wanted
    assert table["decision"].to_pylist() == [score >= 0.4 for score in table["score"].to_pylist()]
    inferred = post(server, inputs(content), "/v2/models/small/infer").json()
    assert inferred["outputs"][0]["data"] == wanted


def test_the_answer_is_of_the_form_that_the_client_accepts(server: Server) -> None:
    as_json = post(server, streamed([ROW]), **{"content-type": ARROW, "accept": JSON})
    assert as_json.headers["content-type"] == JSON
    as_arrow = post(server, {"rows": [ROW]}, accept=ARROW)
    with pa.ipc.open_stream(as_arrow.content) as reader:
        table = reader.read_all()
    assert table["score"].to_pylist() == as_json.json()["scores"]
    facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert facts["model"] == as_json.json()["model"]
    assert facts["request_id"] == as_arrow.headers["x-request-id"]


def test_a_large_body_is_answered_like_a_small_one(server: Server, bento: Path) -> None:
    content = [ROW | {"x": number / 100} for number in range(5000)]
    found = post(server, {"rows": content}).json()["scores"]
    assert found == pytest.approx(expected(bento, content), rel=1e-13)


def test_the_inference_protocol_says_what_it_serves(server: Server, bento: Path) -> None:
    def get(path: str) -> Any:
        return server.client.get(path).json()

    version = get("/v1/model")["version"]
    assert get("/v2") == {"name": "mooring", "version": version, "extensions": []}
    assert (get("/v2/health/live"), get("/v2/health/ready")) == ({"live": True}, {"ready": True})
    assert get("/v2/models/small/ready") == {"name": "small", "ready": True}
    kinds = {of["name"]: of["datatype"] for of in get("/v2/models/small")["inputs"]}
    assert kinds == {"x": "FP64", "city": "BYTES", "id": "BYTES", "asked": "BYTES"}
    assert server.client.get("/v2/models/other").status_code == 404
    answer = post(server, inputs([ROW]) | {"id": "mine"}, "/v2/models/small/infer").json()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == (
        "mine",
        "small",
        version,
    )
    only = post(
        server, inputs([ROW]) | {"outputs": [{"name": "decision"}]}, "/v2/models/small/infer"
    )
    assert [output["name"] for output in only.json()["outputs"]] == ["decision"]


def test_the_openapi_document_is_served(server: Server) -> None:
    document = server.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/v1/predict" in document["paths"]
    example = document["paths"]["/v1/predict"]["post"]["requestBody"]["content"][JSON]["examples"]
    for name, of in example.items():
        assert post(server, of["value"]).status_code == 200, name


def test_a_split_names_the_model_of_each_row(compared: Path, tmp_path: Path) -> None:
    bento = unpack(compared / "models/scorer.bento", tmp_path / "bento")
    digests = files.read_json(bento / "src/release/served.json")["digests"]
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        content = [ROW | {"id": f"k{number}"} for number in range(200)]
        answer = server.predict(content).json()
        assert answer["model"] == digests["champion"]
        pairs = set(zip(answer["models"], answer["scores"], strict=True))
        assert {model for model, _ in pairs} == {digests["champion"], digests["model"]}
        assert len(pairs) == 2  # the rows differ by their keys alone
        assert 60 < answer["models"].count(digests["model"]) < 140
        again = [server.predict([row]).json()["models"][0] for row in content[:40]]
        assert again == answer["models"][:40]
        metrics = server.client.get("/metrics").text
    for model in set(answer["models"]):
        n_rows = (answer["models"] + again).count(model)
        assert f'scorer_rows_total{{model="{model}"}} {n_rows:.1f}' in metrics


def test_a_comparison_without_a_champion_is_refused(packaged: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(packaged, tmp_path / "copy", symlinks=True))
    change_params(copy, "serving", comparison={"mode": "shadow"})
    done = stage_process(copy, "package")
    assert done.returncode == 2
    assert (
        "serving.comparison: a comparison requires a champion, and production has none"
        in done.stderr
    )
