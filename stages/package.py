"""Build the compiled model, its request schema and its server into a bento named by its content."""

import tempfile
from importlib import import_module
from pathlib import Path

import pyarrow.parquet as pq

from mooring import files
from mooring.bento.building import build_bento, own_store
from mooring.bento.built import BentoFacts
from mooring.bento.context import REQUIREMENTS, add_champion, lay_out
from mooring.bento.request import RequestSchema
from mooring.bento.served import Digests, Served
from mooring.config.data import Data
from mooring.config.drift import Drift
from mooring.config.gate import Gate
from mooring.config.load import load
from mooring.config.report import Report
from mooring.config.serving import Serving
from mooring.features.arrays import input_columns
from mooring.features.layout import Layout

BENTO, FACTS = Path("models/scorer.bento"), Path("models/bento.json")
MODEL = Path("models/scorer")


def main() -> None:
    """models/scorer, data/train.parquet, the service → models/scorer.bento, models/bento.json."""
    data, gate, report, serving = load(Data), load(Gate), load(Report), load(Serving)
    spec = files.read_json(MODEL / "spec.json")
    manifest = files.read_json("data/manifest.json")
    with own_store(), tempfile.TemporaryDirectory() as context:
        service = import_module("bentos.scorer.service").__name__
        release = lay_out(Path(context), service, MODEL)
        rows = input_columns(pq.read_table("data/train.parquet"), Layout.read().spec)
        RequestSchema.of(data, rows).write(release / "request.json")
        digests = Digests(
            model=spec["model_sha256"],
            champion=add_champion(release, spec) if serving.comparison else None,
            rows=manifest["rows_hash"],
            query=manifest["query"]["sha256"],
            reference=files.sha256_file("models/reference/index.json"),
            requirements=files.sha256_file(Path(context) / REQUIREMENTS),
        )
        Served(
            schema_version=1,
            name=spec["name"],
            threshold=report.threshold,
            parity_atol=gate.parity_atol,
            digests=digests,
            serving=serving,
            segments=load(Drift).segments,
        ).write(release / "served.json")
        tag = build_bento(Path(context), f"{service}:Scorer", BENTO)
    facts = {"tag": tag, "sha256": files.sha256_file(BENTO)}
    BentoFacts(**facts, model=digests.model, reference=digests.reference).write(FACTS)
    print(f"{BENTO}: {tag}, {BENTO.stat().st_size:,} bytes")
