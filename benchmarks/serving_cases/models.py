"""The two models, trained by the project's own graph, and the rows that all servers are asked about."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from benchmarks.load.figures import Bodies
from benchmarks.serving_peers.venvs import CACHE
from mooring.models.saved import load_pipeline
from tests.support.project import make_project
from tests.support.server import unpack

N_TREES = 100
N_BODIES = 1000
"""Different one-row requests, sent in turn."""
PREDICT, JSON = "/v1/predict", "application/json"
ARROW = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True)
class Trained:
    """One model in the two forms that are served, and the test rows."""

    name: str
    bento: Path
    """Unpacked."""
    pipeline: Path
    """The fitted scikit-learn pipeline, as joblib writes it for the peers."""
    inputs: Any
    """An Arrow table: what a request to the scorer holds."""
    features: Any
    """An Arrow table of the same rows: what the pipeline takes."""

    def input_rows(self, start: int, n_rows: int) -> list[dict[str, Any]]:
        """Return rows of the scorer's columns."""
        return list(self.inputs.slice(start, n_rows).to_pylist())

    def feature_rows(self, start: int, n_rows: int) -> list[dict[str, Any]]:
        """Return the same rows, as the peers take them."""
        return list(self.features.slice(start, n_rows).to_pylist())

    def one_row_bodies(self, directory: Path) -> Bodies:
        """Write different requests of one row to the scorer."""
        contents = [self.json_body(i, 1) for i in range(N_BODIES)]
        return Bodies.write(directory, PREDICT, JSON, contents, 1)

    def json_body(self, start: int, n_rows: int) -> bytes:
        """Return a request to the scorer in JSON."""
        rows = {"rows": self.input_rows(start, n_rows)}
        return json.dumps(rows, separators=(",", ":")).encode()

    def arrow_body(self, start: int, n_rows: int) -> bytes:
        """Return the same request as one Arrow IPC stream."""
        output = io.BytesIO()
        with pa.ipc.new_stream(output, self.inputs.schema) as stream:
            stream.write_table(self.inputs.slice(start, n_rows).combine_chunks())
        return output.getvalue()


def train(model: str, directory: Path) -> Trained:
    """Run the graph up to the bento for one of conf/model, without a search, on the flights.

    What DVC has run before, here or for another model, comes from a cache of the benchmark's own.
    """
    print(f"training {model} with the project's own graph", flush=True)
    project = make_project(directory / "project", "flights", model)
    project.dvc("config", "--local", "cache.dir", str(CACHE / "dvc"))
    project.dvc("repro", "package")
    root = project.path
    params = yaml.safe_load((root / "params.yaml").read_text())
    assert params["search"]["kind"] == "none"
    assert model != "boosted" or params["model"]["params"]["max_iter"] == N_TREES
    unpack(root / "models/scorer.bento", directory / "bento")
    joblib.dump(load_pipeline(root / "models/pipeline.skops"), directory / "pipeline.joblib")
    inputs, features = _rows(root, list(params["data"]["columns"]), params["data"]["key"])
    return Trained(model, directory / "bento", directory / "pipeline.joblib", inputs, features)


def _rows(root: Path, columns: list[str], key: str) -> tuple[Any, Any]:
    """Return the test rows that lack nothing, as both sides take them, in one order."""
    raw = pq.read_table(root / "data/test.parquet")
    derived = pq.read_table(root / "data/features/test.parquet")
    assert raw.column(key).equals(derived.column(key))
    whole = [True] * len(raw)
    for column in raw.select(columns).columns:
        for number, valid in enumerate(column.is_valid().to_pylist()):
            whole[number] &= valid
    spec = json.loads((root / "data/features/layout.json").read_text())["spec"]
    taken = [*spec["numeric"], *spec["categorical"]]
    mask = pa.array(whole)
    return raw.select(columns).filter(mask), derived.select(taken).filter(mask)
