"""The server as its own OpenAPI document describes it: schemathesis asks, and compares every answer."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bentos.scorer.openapi import ARROW, JSON, document
from mooring.models.request import RequestSchema
from mooring.models.served import Served
from tests.bentos.test_service import ROW
from tests.support.project import ROOT
from tests.support.server import Server

NOT_YET = ("/openapi.json", "/v2")
"""What begins so is documented and not routed yet; emptied as the routes come."""
BODIES_NOT_YET = (ARROW, "Columns")
"""The forms of a body of /v1/predict that are documented and not read yet."""


def documented(server: Server) -> dict[str, Any]:
    """Return what the server says of itself; while it has no such path, what it will say."""
    found = server.client.get("/openapi.json")
    if "/openapi.json" not in NOT_YET:
        return found.json()
    release = server.bento / "src/release"
    schema, served = (
        RequestSchema.read(release / "request.json"),
        Served.read(release / "served.json"),
    )
    return document(schema, served, "0" * 16, None)


def routed(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document without what NOT_YET names."""
    paths = {path: item for path, item in content["paths"].items() if not path.startswith(NOT_YET)}
    body = paths["/v1/predict"]["post"]["requestBody"]["content"]
    if ARROW in BODIES_NOT_YET:
        del body[ARROW]
    if "Columns" in BODIES_NOT_YET:
        body[JSON]["schema"] = {"$ref": "#/components/schemas/Rows"}
        del body[JSON]["examples"]["columns"]
    return content | {"paths": paths}


def explore(server: Server, directory: Path, n_examples: int) -> None:
    """Let schemathesis ask every path about `n_examples` times in each of its phases."""
    path = directory / "openapi.json"
    path.write_text(json.dumps(routed(documented(server))))
    command = (
        *(Path(sys.executable).parent / "schemathesis", "run", path),
        *("--url", str(server.client.base_url), "--checks", "all"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(n_examples)),
        *("--seed", "20131", "--request-timeout", "10", "--continue-on-failure"),
    )
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.outside", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=directory, env=os.environ | hooks, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(routed(documented(server))['paths'])} selected" in done.stdout
    assert server.predict([ROW]).status_code == 200


def test_every_answer_is_as_documented(server: Server, tmp_path: Path) -> None:
    explore(server, tmp_path, 60)


@pytest.mark.slow
def test_every_answer_is_as_documented_however_long_one_asks(
    server: Server, tmp_path: Path
) -> None:
    explore(server, tmp_path, 3000)


def test_what_is_not_routed_yet_is_really_not_there(server: Server) -> None:
    """Else a path that came would never be asked about."""
    for path in documented(server)["paths"]:
        if path.startswith(NOT_YET):
            assert server.client.get(path).status_code == 404, path
    columns = json.dumps({"columns": {name: [value] for name, value in ROW.items()}})
    for name, kind, body, refused in (("Columns", JSON, columns, 422), (ARROW, ARROW, "", 415)):
        answer = server.client.post("/v1/predict", content=body, headers={"content-type": kind})
        assert (answer.status_code == refused) == (name in BODIES_NOT_YET), name
