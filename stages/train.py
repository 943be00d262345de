"""Fit the pipeline, save it, and compile it to the ONNX model that is served."""

from pathlib import Path

from mooring import files
from mooring.config.features import Features
from mooring.config.load import load
from mooring.config.model import Model
from mooring.config.runtime import Runtime
from mooring.features.layout import Layout
from mooring.machine.process import pin_threads
from mooring.models.card import describe
from mooring.models.compilable import refuse_uncompilable
from mooring.models.export import export_scorer
from mooring.models.saved import dump_pipeline
from mooring.models.table import read_table
from mooring.models.training import fit

ROWS = Path("data/train.parquet")
TABLE = Path("data/features/train.parquet")
MANIFEST = Path("data/manifest.json")
SEARCH = Path("models/search.json")
PIPELINE = Path("models/pipeline.skops")
SCORER = Path("models/scorer")
CARD = Path("models/card.json")


def main() -> None:
    """data/train.parquet, its features and models/search.json → the fitted and the compiled model."""
    features, model, runtime = load(Features), load(Model), load(Runtime)
    pin_threads(runtime.n_threads)
    layout = Layout.read()
    table = read_table(TABLE, layout)
    params = files.read_json(SEARCH)["params"]
    refuse_uncompilable(table, features, model, params, runtime)
    print(f"fitting {model.name} on {len(table):,} rows", flush=True)
    pipeline = fit(table, features, model, params, runtime)
    files.write_bytes(PIPELINE, dump_pipeline(pipeline))
    export_scorer(SCORER, pipeline, layout, model, table, ROWS)
    files.write_json(CARD, describe(pipeline, table, model, files.read_json(MANIFEST)))
