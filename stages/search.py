"""Search for better hyperparameters, or keep those of conf/model."""

from importlib import import_module
from pathlib import Path

from mooring import files
from mooring.config.features import Features
from mooring.config.load import load
from mooring.config.model import Model
from mooring.config.runtime import Runtime
from mooring.config.search import NoSearch, Search
from mooring.features.layout import Layout

ROWS = Path("data/features/train.parquet")
BEST = Path("models/search.json")
TABLES = Path("reports/search")
HEADERS = {"trials.csv": "trial,state,value,best\n", "importance.csv": "parameter,importance\n"}


def main() -> None:
    """data/features/{train.parquet,layout.json} → models/search.json, reports/search/*.csv."""
    search = load(Search).root
    features, model, runtime = load(Features), load(Model), load(Runtime)
    if isinstance(search, NoSearch):  # without importing scikit-learn and Optuna
        with files.replacing_directory(TABLES) as temporary:
            for name, header in HEADERS.items():
                files.write_text(temporary / name, header)
        files.write_json(BEST, {"kind": "none", "params": {}})
        return
    run = import_module("mooring.search.run")
    run.run_search(ROWS, Layout.read(), features, model, search, runtime, BEST, TABLES)
