"""The four peers, each set up as its guides say, with access logs off if they can be switched off.

Each loads the same pipeline that Mooring compiled, and receives the pipeline's columns ready-made, while
the scorer derives them itself: the difference favours the peers.
"""

import json
from collections.abc import Sequence
from typing import Any

from benchmarks.serving_peers.peer import APPS, Peer, Row, Start

UVICORN = (
    *("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--workers", "1"),
    *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
)
MODEL = "model"


def _fastapi(start: Start) -> Sequence[str]:
    return [str(start.python), *UVICORN, "fastapi_app:app"]


def _bentoml(start: Start) -> Sequence[str]:
    served = ("serve", "bentoml_app:Stock", "--working-dir", str(APPS))
    return [
        *(str(start.python), "-m", "bentoml", *served),
        *("--host", "127.0.0.1", "--port", "{port}"),
    ]


def _mlserver(start: Start) -> Sequence[str]:
    """Without its process of inference workers, which on one core only adds a hop."""
    settings = {
        "host": "127.0.0.1",
        "parallel_workers": 0,
        "metrics_endpoint": None,
        "debug": False,
    }
    model = {
        "name": MODEL,
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(start.pipeline)},
    }
    (start.directory / "settings.json").write_text(json.dumps(settings))
    (start.directory / "model-settings.json").write_text(json.dumps(model))
    ports = ("MLSERVER_HTTP_PORT={port}", "MLSERVER_GRPC_PORT=0")
    return ["env", *ports, str(start.python.with_name("mlserver")), "start", "."]


def _mlflow(start: Start) -> Sequence[str]:
    saved = start.directory / MODEL
    start.run(str(APPS / "mlflow_save.py"), str(start.pipeline), str(saved))
    return [
        *(str(start.python), "-m", "mlflow", "models", "serve", "--model-uri", str(saved)),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1", "--env-manager", "local"),
    ]


def _v2_inputs(rows: Sequence[Row]) -> dict[str, Any]:
    """Return rows in the V2 inference protocol, a tensor for each column."""
    inputs: list[dict[str, Any]] = []
    for name, value in rows[0].items():
        text = isinstance(value, str)
        column = {
            "name": name,
            "datatype": "BYTES" if text else "FP64",
            "shape": [len(rows), 1],
            "data": [row[name] for row in rows],
        }
        inputs.append(column | ({"parameters": {"content_type": "str"}} if text else {}))
    return {
        "parameters": {"content_type": "pd"},
        "inputs": inputs,
        "outputs": [{"name": "predict_proba"}],
    }


def _split(rows: Sequence[Row]) -> dict[str, Any]:
    data = [list(row.values()) for row in rows]
    return {"dataframe_split": {"columns": list(rows[0]), "data": data}}


PEERS = (
    Peer(
        name="BentoML, stock endpoint with scikit-learn",
        requirements="bentoml",
        shown=("bentoml", "scikit-learn"),
        command=_bentoml,
        path="/predict",
        ready="/readyz",
        encode=lambda rows: {"rows": rows},
        scores=lambda answer: answer,
    ),
    Peer(
        name="FastAPI with scikit-learn",
        requirements="fastapi",
        shown=("fastapi", "uvicorn", "scikit-learn"),
        command=_fastapi,
        path="/predict",
        ready="/readyz",
        encode=lambda rows: rows,
        scores=lambda answer: answer,
    ),
    Peer(
        name="MLServer, scikit-learn runtime",
        requirements="mlserver",
        shown=("mlserver", "mlserver-sklearn", "scikit-learn"),
        command=_mlserver,
        path=f"/v2/models/{MODEL}/infer",
        ready="/v2/health/ready",
        encode=_v2_inputs,
        scores=lambda answer: answer["outputs"][0]["data"][1::2],
    ),
    Peer(
        name="MLflow scoring server",
        requirements="mlflow",
        shown=("mlflow", "scikit-learn"),
        command=_mlflow,
        path="/invocations",
        ready="/ping",
        encode=_split,
        scores=lambda answer: [row[1] for row in answer["predictions"]],
    ),
)
