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
from mooring.features.columns import input_columns
from mooring.features.layout import Layout
from mooring.machine.process import pin_threads
from mooring.models.crossfit import out_of_fold
from mooring.models.table import read_table
from mooring.models.training import fit, predict
from mooring.outcomes.reference import write_reference
from mooring.profiles.content import rows_sha256
from mooring.profiles.segments import kinds_with_segments
from mooring.profiles.sketches import add_score, profile_blocks
from mooring.profiles.store import write_profiles

Mask = NDArray[np.bool_]


def main() -> None:
    """data/train.parquet, its features, models/search.json → models/reference{/,_outcomes.json}."""
    features, model, runtime = load(Features), load(Model), load(Runtime)
    drift, outcomes = load(Drift), load(Outcomes)
    pin_threads(runtime.n_threads)
    layout = Layout.read()
    params = files.read_json("models/search.json")["params"]
    table = read_table(Path("data/features/train.parquet"), layout)
    zone = layout.time.zone if layout.time else None
    blocks = blocks_of(table.times, zone, len(table), drift.reference_blocks, runtime.seed)

    def fit_and_score(train: Mask, test: Mask) -> NDArray[np.float64]:
        pipeline = fit(table.rows(train), features, model, params, runtime)
        return predict(pipeline, table.rows(test))

    scores = out_of_fold(blocks, drift.reference_folds, fit_and_score)
    rows = pq.read_table("data/train.parquet")
    inputs: dict[str, NDArray[Any]] = input_columns(rows, layout.spec)
    columns, kinds = add_score(inputs, layout.spec.inputs, scores)
    days, segments = zone is not None, drift.segments
    views = profile_blocks(columns, kinds, blocks, are_days=days, facts={}, segments=segments)
    facts = {"data": layout.name, "zone": zone, "rows_sha256": rows_sha256(columns, blocks)}
    kinds = kinds_with_segments(kinds, segments)
    write_profiles("models/reference", views, kinds, facts)
    judged = layout.task, blocks, scores, table.target, outcomes.bins
    write_reference("models/reference_outcomes.json", *judged)
    print(f"reference: {len(table):,} rows in {len(views)} blocks, {len(kinds)} columns")
