"""The server as its own OpenAPI document describes it: schemathesis asks, and compares every answer."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mooring.serving.http.openapi import JSON
from tests.support.packaged import ROW, package
from tests.support.project import ROOT
from tests.support.server import Server, unpack

INFER = "/v2/models/{name}/infer"
ROWS = {"$ref": "#/components/schemas/Rows"}


@pytest.fixture(scope="module")
def explored(bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of these tests alone: they ask what others count."""
    with Server(bento, tmp_path_factory.mktemp("explored")) as running:
        running.wait()
        yield running


def asked(server: Server, of_one_length: bool) -> dict[str, Any]:
    """Return the server's document: what JSON Schema says in full, or only what it cannot.

    It has no word for lists of one length, so columns and tensors that it allows may be refused.
    """
    document: dict[str, Any] = server.client.get("/openapi.json").json()
    paths = document["paths"]
    if of_one_length:
        return document | {"paths": {path: paths[path] for path in ("/v1/predict", INFER)}}
    del paths[INFER]
    body = paths["/v1/predict"]["post"]["requestBody"]["content"][JSON]
    body["schema"] = ROWS
    del body["examples"]["columns"]
    return document


def explore(server: Server, directory: Path, n_examples: int, of_one_length: bool) -> None:
    """Let schemathesis ask every path about `n_examples` times in each of its phases."""
    document = asked(server, of_one_length)
    path = directory / "openapi.json"
    path.write_text(json.dumps(document))
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", str(path)),
        *("--url", str(server.client.base_url), "--checks", "all"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(n_examples)),
        *("--seed", "20131", "--request-timeout", "10", "--continue-on-failure"),
        *(("--exclude-checks", "positive_data_acceptance") if of_one_length else ()),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.outside", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=directory, env=os.environ | hooks, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(document['paths'])} selected" in done.stdout
    assert server.predict([ROW]).status_code == 200


@pytest.mark.parametrize("n_examples", [40, pytest.param(300, marks=pytest.mark.prove)])
@pytest.mark.parametrize("of_one_length", [False, True])
def test_every_response_matches_the_openapi_document(
    explored: Server, tmp_path: Path, of_one_length: bool, n_examples: int
) -> None:
    explore(explored, tmp_path, n_examples, of_one_length)


@pytest.mark.slow
def test_every_response_of_a_regression_matches_the_openapi_document(tmp_path: Path) -> None:
    """A linear model's score of the largest numbers is beyond those of JSON."""
    directory = package(tmp_path / "packaged", "regression")
    bento = unpack(directory / "models/scorer.bento", tmp_path / "bento")
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        explore(server, tmp_path, 40, of_one_length=False)
