"""The facts of the model card: the model, its data and its libraries."""

from importlib.metadata import version
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from mooring.config.model import Model
from mooring.models.table import Table

LIBRARIES = ("numpy", "onnx", "onnxruntime", "pandas", "scikit-learn", "skops")


def describe(
    pipeline: Pipeline, table: Table, model: Model, manifest: dict[str, Any]
) -> dict[str, Any]:
    """Return the card of a fitted pipeline; `manifest` is the ingest stage's."""
    estimator = pipeline.named_steps["model"]
    return {
        "name": model.name,
        "task": model.task,
        "estimator": model.estimator,
        "params": {name: _plain(value) for name, value in sorted(estimator.get_params().items())},
        "data": {key: manifest[key] for key in ("name", "query", "rows", "rows_hash", "time")},
        "train": {
            "rows": len(table),
            "first": None if table.times is None else str(table.times.min()),
            "last": None if table.times is None else str(table.times.max()),
            "target_mean": float(table.target.mean()),
        },
        "columns": list(table.frame.columns),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value if not isinstance(value, float) or np.isfinite(value) else str(value)
    return str(value)
