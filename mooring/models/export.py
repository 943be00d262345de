"""Write the served model: the compiled model, its spec, and golden rows with the fitted model's scores."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from sklearn.pipeline import Pipeline

from mooring import files
from mooring.bento.compiled import GOLDEN, MODEL, SPEC, ScorerSpec
from mooring.config.model import Model
from mooring.features.layout import Layout
from mooring.features.spec import FeatureSpec
from mooring.models.compiler import compile_pipeline
from mooring.models.table import Table
from mooring.models.training import predict

N_GOLDEN = 64


def export_scorer(
    directory: Path,
    pipeline: Pipeline,
    layout: Layout,
    model: Model,
    table: Table,
    rows: Path,
) -> None:
    """Compile the fitted pipeline into `directory`; `rows` holds the inputs of `table`."""
    spec = layout.spec
    compiled = compile_pipeline(pipeline, len(spec.numeric))
    positions = np.linspace(0, len(table) - 1, min(N_GOLDEN, len(table))).astype(np.int64)
    facts = ScorerSpec(
        schema_version=3,
        name=model.name,
        task=model.task,
        target=layout.target,
        model_sha256=files.sha256_bytes(compiled),
        train_end=None if table.times is None else str(table.times.max()),
        features=spec,
    )
    golden = {
        "rows": _plain_rows(rows, positions, spec),
        "scores": predict(pipeline, table.rows(positions)).tolist(),
    }
    with files.replacing_directory(directory) as temporary:
        files.write_bytes(temporary / MODEL, compiled)
        files.write_json(temporary / SPEC, facts.model_dump(mode="json"))
        files.write_json(temporary / GOLDEN, golden)


def _plain_rows(rows: Path, positions: Any, spec: FeatureSpec) -> dict[str, list[Any]]:
    return dict(pq.read_table(rows, columns=list(spec.inputs)).take(positions).to_pydict())
