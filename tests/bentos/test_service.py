"""The scorer under plain `bentoml serve`: it answers, it refuses, and it proves what it is."""

import json
import os
import re
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from mooring import files
from mooring.serving.recording.recorder import records_url
from tests.support.packaged import ROW, expected
from tests.support.server import Server


def test_a_row_is_scored_as_the_compiled_model_scores_it(server: Server, bento: Path) -> None:
    answer = server.predict([ROW])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert found["scores"] == expected(bento, [ROW])
    assert found["decisions"] == [found["scores"][0] >= 0.4]
    assert found["model"] == files.read_json(bento / "src/release/served.json")["digests"]["model"]
    assert found["request_id"] == answer.headers["x-request-id"]


def test_missing_and_unseen_values_are_scored_and_counted(server: Server, bento: Path) -> None:
    def odd_values() -> Counter[tuple[str, str]]:
        metrics = server.client.get("/metrics").text
        line = r'^scorer_odd_values_total\{column="(\w+)",kind="(\w+)"\} (.*)$'
        return Counter({(c, k): int(float(n)) for c, k, n in re.findall(line, metrics, re.M)})

    rows = [ROW | {"x": None}, ROW | {"city": None}, ROW | {"city": "nowhere"}]
    before = odd_values()
    found = server.predict(rows).json()["scores"]
    assert found == pytest.approx(expected(bento, rows), rel=1e-14)
    assert odd_values() - before == dict.fromkeys(
        [("x", "missing"), ("city", "missing"), ("city", "unseen")], 1
    )


def test_many_clients_at_once_get_their_own_scores(server: Server, bento: Path) -> None:
    rows = [ROW | {"x": number / 100} for number in range(400)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda row: server.predict([row]).json(), rows))
    # The last bit of a vectorised exp depends on where in its batch a row stands.
    found = [answer["scores"][0] for answer in answers]
    assert found == pytest.approx(expected(bento, rows), rel=1e-14)
    assert len({answer["request_id"] for answer in answers}) == 400


def test_a_request_keeps_its_id_and_its_trace(server: Server) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = server.predict([ROW], **{"x-request-id": "order-7", "traceparent": trace})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "order-7"
    assert answer.headers["traceparent"] == trace
    odd = server.predict([ROW], **{"x-request-id": "no spaces; please"})
    assert odd.headers["x-request-id"] != "no spaces; please"


def test_the_model_endpoint_describes_what_is_served(server: Server, bento: Path) -> None:
    said = server.client.get("/v1/model").json()
    served = files.read_json(bento / "src/release/served.json")
    version = re.search(r"version: '?(\w+)", (bento / "bento.yaml").read_text())
    assert version is not None
    assert said == served | {"version": version[1], "source_commit": None}


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"", 400, "the body is not JSON: Expecting value at character 0"),
        (b"{", 400, "the body is not JSON: Expecting property name enclosed in double quotes at character 1"),
        (b'{"rows": [{"x":NaN}]}', 400, "the body is not JSON: NaN is not a number; a missing value is null"),
        (b'{"rows": [], "rows": []}', 400, 'the key "rows" is repeated in one object'),
        (b'{"rows": [{"x": 1, "x": 2, "city": "a"}]}', 400, 'the key "x" is repeated in one object'),
        (b"\xff", 400, "the body is not UTF-8: byte 0"),
        (b"[" * 100_000, 400, "the body is nested too deeply"),
        (b'{"rows": []}', 422, "rows must be a list of at least one object"),
        (b"[]", 422, 'the body must be an object with the one key "rows": a list of objects'),
        (b'{"rows": [{"x": "1", "city": 5}]}', 422, "2 values break a rule"),
    ],
)  # fmt: skip
def test_an_invalid_body_is_a_client_error(
    server: Server, body: bytes, status: int, detail: str
) -> None:
    answer = server.client.post(
        "/v1/predict", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_each_wrong_value_is_named(server: Server) -> None:
    rows = [ROW, {"x": 1e400, "city": "\ud800", "z": 1}, {"city": "", "id": 5, "asked": "now"}]
    body = json.dumps({"rows": rows}).replace("Infinity", "1e400")
    head = {"content-type": "application/json"}
    answer = server.client.post("/v1/predict", content=body, headers=head)
    assert answer.status_code == 422
    when = (
        "a time of 1971 to 2199 with its offset from UTC, such as 2026-01-31T08:00:00Z (RFC 3339)"
    )
    assert [tuple(error.values()) for error in answer.json()["errors"]] == [
        (1, "z", "no such column", "1.0"),
        (1, "city", "a text without lone surrogates", '"\\ud800"'),
        (1, "x", "a number within the range of a double", "Infinity"),
        (2, "city", "of 1 to 100 characters", '""'),
        (2, "x", "required; a missing value is null", "nothing"),
        (2, "id", "a text", "5.0"),
        (2, "asked", when, '"now"'),
    ]


def test_a_body_beyond_the_limit_is_refused(server: Server) -> None:
    head = {"content-type": "application/json"}
    large = server.client.post("/v1/predict", content=b" " * (2**24 + 1), headers=head)
    assert large.status_code == 413
    many = server.predict([ROW] * 10_001)
    assert (many.status_code, many.json()["detail"]) == (
        422,
        "at most 10000 rows in a request, got 10001",
    )


def test_other_methods_types_and_paths_are_refused(server: Server) -> None:
    get = server.client.get("/v1/predict")
    assert (get.status_code, get.headers["allow"]) == (405, "POST")
    head = {"content-type": "text/plain"}
    assert server.client.post("/v1/predict", content=b"{}", headers=head).status_code == 415
    assert server.client.get("/v1/nothing").status_code == 404
    wide = server.predict([ROW], padding="x" * 20_000)
    assert wide.status_code == 431


def test_bentoml_s_pages_are_served(server: Server) -> None:
    assert "html" in server.client.get("/").headers["content-type"]
    assert "/v1/predict" in server.client.get("/docs.json").json()["paths"]
    assert server.client.get("/livez").status_code == 200
    head = server.client.head("/readyz")
    assert (head.status_code, head.content) == (200, b"")


def test_probes_are_not_counted_as_requests(server: Server) -> None:
    def answered() -> float:
        metrics = server.client.get("/metrics").text
        return sum(map(float, re.findall(r"^scorer_requests_total\{.*\} (.*)$", metrics, re.M)))

    server.predict([ROW])
    before = answered()
    for path in ("/readyz", "/livez", "/v1/model", "/metrics"):
        server.client.get(path)
    assert answered() == before
    server.predict([ROW])
    assert answered() == before + 1


def test_sigterm_exits_0_after_the_last_response(bento: Path, tmp_path: Path) -> None:
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        slow = httpx.Client(base_url=server.client.base_url)

        def body() -> Any:
            yield b'{"rows": ['
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            yield json.dumps(ROW).encode() + b"]}"

        head = {"content-type": "application/json"}
        answer = slow.post("/v1/predict", content=body(), headers=head)
        assert answer.status_code == 200
        assert server.process.wait(30) == 0


def test_a_killed_parent_takes_its_workers_with_it(bento: Path, tmp_path: Path) -> None:
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        workers = server.workers()
        assert workers
        server.stop(signal.SIGKILL)
        end = time.monotonic() + 10
        while any(Path(f"/proc/{worker}/exe").exists() for worker in workers):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_killed_worker_is_replaced(bento: Path, tmp_path: Path) -> None:
    with Server(bento, tmp_path / "home", {"MOORING_WORKERS": "2"}) as server:
        server.wait()
        first, second = server.workers()
        os.kill(first, signal.SIGKILL)
        for _ in range(20):
            with httpx.Client(base_url=server.client.base_url) as client:
                assert client.post("/v1/predict", json={"rows": [ROW]}).status_code == 200
        end = time.monotonic() + 20
        while len(server.workers()) < 2 or first in server.workers():
            assert time.monotonic() < end
            time.sleep(0.1)
        assert second in server.workers()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, f"{Path.home()}/bentoml/records"),
        ({"BENTOML_HOME": "/home"}, "/home/records"),
        ({"MOORING_STORE": "/data/store", "BENTOML_HOME": "/home"}, "/data/store"),
        ({"MOORING_STORE": "s3://bucket/scorer"}, "s3://bucket/scorer"),
        ({"MOORING_STORE": "off"}, None),
    ],
)
def test_records_go_where_the_environment_says(given: dict[str, str], url: str | None) -> None:
    assert records_url(given) == url


def test_a_store_inside_the_sealed_bento_is_refused_at_start(bento: Path, tmp_path: Path) -> None:
    with Server(bento, tmp_path / "home", {"MOORING_STORE": "store"}) as server:
        server.wait("/livez")
        assert "MOORING_STORE: is not a place" in server.wait("/readyz", 503).json()["detail"]
