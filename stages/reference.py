"""Profile the train window and its outcomes by day: the reference that serving is compared with."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mooring import files
from mooring.config.drift import Drift
from mooring.config.features import Features
from mooring.config.load import load
from mooring.config.model import Model
from mooring.config.outcomes import Outcomes
from mooring.config.runtime import Runtime
from mooring.data.blocks import blocks_of
from mooring.features.arrays import input_columns
from mooring.features.layout import Layout
from mooring.machine.process import pin_threads
from mooring.models.crossfit import out_of_fold
from mooring.models.table import read_table
from mooring.models.training import fit, predict
from mooring.outcomes.reference import write_reference
from mooring.profiles.segments import kinds_with_segments
from mooring.profiles.sketches import add_score, profile_blocks
from mooring.profiles.store import write_profiles

OUTCOMES = "models/reference_outcomes.json"
Mask = NDArray[np.bool_]
ROWS = [Path("data/train.parquet"), Path("data/unlabelled.parquet")]
TABLES = [Path("data/features") / rows.name for rows in ROWS]


def main() -> None:
    """data/{train,unlabelled}.parquet, their features → models/reference{/,_outcomes.json}."""
    features, model, runtime = load(Features), load(Model), load(Runtime)
    drift, outcomes = load(Drift), load(Outcomes)
    pin_threads(runtime.n_threads)
    layout = Layout.read()
    params = files.read_json("models/search.json")["params"]
    table = read_table(TABLES, layout)
    labelled = ~np.isnan(table.target)
    zone = layout.time.zone if layout.time else None
    blocks = blocks_of(table.times, zone, len(table), drift.reference_blocks, runtime.seed)

    def fit_and_score(train: Mask, test: Mask) -> NDArray[np.float64]:
        pipeline = fit(table.rows(train & labelled), features, model, params, runtime)
        return predict(pipeline, table.rows(test))

    scores = out_of_fold(blocks, drift.reference_folds, fit_and_score)
    inputs: dict[str, NDArray[Any]] = input_columns(pq.read_table(ROWS), layout.spec)
    columns, kinds = add_score(inputs, layout.spec.inputs, scores)
    days, segments = zone is not None, drift.segments
    views = profile_blocks(columns, kinds, blocks, are_days=days, facts={}, segments=segments)
    judged = blocks[labelled], scores[labelled], table.target[labelled]
    write_reference(OUTCOMES, layout.task, *judged, outcomes.bins)
    facts = {"data": layout.name, "zone": zone, "outcomes_sha256": files.sha256_file(OUTCOMES)}
    write_profiles("models/reference", views, kinds_with_segments(kinds, segments), facts)
    print(f"reference: {len(table):,} rows in {len(views)} blocks")
