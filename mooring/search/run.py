"""Run the search of conf/search on the features of the train window, and write its results.

Imported only when there is a search, since it imports scikit-learn and Optuna.
"""

import json
from pathlib import Path

from mooring import files
from mooring.config.features import Features
from mooring.config.model import Model
from mooring.config.runtime import Runtime
from mooring.config.search import TpeSearch
from mooring.features.layout import Layout
from mooring.machine.process import pin_threads
from mooring.models.compilable import refuse_uncompilable
from mooring.models.table import read_table
from mooring.search.study import search_params
from mooring.search.trials import best_params, importance_table, trial_table


def run_search(
    rows: Path,
    layout: Layout,
    features: Features,
    model: Model,
    search: TpeSearch,
    runtime: Runtime,
    best: Path,
    tables: Path,
) -> None:
    """Search on the Parquet file `rows`; write the file `best` and the directory `tables`."""
    pin_threads(runtime.n_threads)
    table = read_table(rows, layout)
    refuse_uncompilable(table, features, model, {}, runtime)
    settings = [each.model_dump_json() for each in (layout, features, model, search, runtime)]
    name = files.sha256_bytes(json.dumps([files.sha256_file(rows), *settings]).encode())[:32]
    study = search_params(table, features, model, search, runtime, name)
    with files.replacing_directory(tables) as temporary:
        trial_table(study).to_csv(temporary / "trials.csv", index=False)
        importance_table(study).to_csv(temporary / "importance.csv", index=False)
    files.write_json(best, best_params(study, search))
