"""A small model, fitted and exported as the train stage does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mooring.features.arrays import input_columns
from mooring.features.layout import Layout
from mooring.models.export import export_scorer
from mooring.models.table import Table
from mooring.models.training import fit
from tests.support import tables


@dataclass(frozen=True)
class Exported:
    """A directory with a compiled model, and what it was made of."""

    directory: Path
    pipeline: Pipeline
    layout: Layout
    table: Table
    inputs: dict[str, NDArray[Any]]


def export(root: Path, task: str = "classification", seed: int = 1, timed: bool = True) -> Exported:
    """Fit logistic or ridge regression, and export it to `root`/scorer."""
    features = tables.features(encode="ordinal")
    table = tables.table(300, task, seed)
    if not timed:
        table = Table(table.frame, table.target, table.keys, None)
    name = "LogisticRegression" if task == "classification" else "Ridge"
    model = tables.model(f"sklearn.linear_model.{name}", task)
    layout = Layout.of(tables.data(task, timed), features)
    pipeline = fit(table, features, model, {}, tables.runtime())
    stored = pa.table(
        {
            name: pa.array(table.frame[name].to_numpy(), from_pandas=True)
            for name in table.frame.columns
        }
    )
    pq.write_table(stored, root / "train.parquet")
    directory = root / "scorer"
    export_scorer(directory, pipeline, layout, model, table, root / "train.parquet")
    return Exported(directory, pipeline, layout, table, input_columns(stored, layout.spec))


def days(table: Table) -> NDArray[np.int64]:
    """Return the day of each row, as the number of days since 1970."""
    assert table.times is not None
    return table.times.astype("datetime64[D]").astype(np.int64)
