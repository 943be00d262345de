"""A small problem, of one number and one hostile category, that the real stages run."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from mooring import files
from tests.support.project import ROOT

HOSTILE = ("<script>alert(1)</script>", "a|b `c` *d* [e](http://f)", "$\\frac{$", "Zürich & 東京")
SEGMENTS = HOSTILE[:2]
STAGES = ("ingest", "validate", "split", "features", "search", "train", "evaluate")
DESCRIPTION = "asked </td><img src=x onerror=alert(2)> | and"


def params(task: str, time: bool) -> dict[str, Any]:
    """Return a whole params.yaml of one number, one hostile category, and a target."""
    classification = task == "classification"
    window = {"kind": "random", "test_frac": 0.4}
    if time:
        window = {
            "kind": "time", "train_start": "2024-01-01", "train_end": "2024-01-21",
            "embargo_days": 1, "test_days": 15,
        }  # fmt: skip
    estimator, settings = "sklearn.linear_model.Ridge", {}
    if classification:
        estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
        settings = {"max_iter": 5}
    return {
        "data": {
            "name": "small", "task": task, "query": "conf/data/small.sql",
            "sources": {"small": {"kind": "parquet", "path": "data/raw/small.parquet"}},
            "key": "id",
            "time": {"column": "asked", "zone": "America/New_York"} if time else None,
            "target": {"column": "answer", "description": DESCRIPTION, "unit": "<u>"},
            "columns": {
                "x": {"kind": "number", "description": "x", "unit": "1"},
                "city": {"kind": "category", "description": "where"},
            },
        },
        "window": window,
        "features": {
            "derived": [],
            "numeric": [{
                "columns": ["x"], "impute": "mean", "indicator": False, "scale": "standard",
                "bins": None,
            }],
            "categorical": [{"columns": ["city"], "encode": "onehot", "min_frac": None}],
        },
        "model": {
            "name": "plain", "task": task, "estimator": estimator, "params": settings, "space": {},
        },
        "search": {"kind": "none"},
        "gate": {
            "metric": "roc_auc" if classification else "rmse",
            "floors": {"roc_auc": 0.6} if classification else {"r2": 0.2},
            "margin": 0.01, "slice_margin": 0.05, "confidence": 0.95, "n_resamples": 100,
            "min_rows": 50, "parity_atol": 1e-5,
        },
        "report": {
            "slices": ["city"], "min_slice_rows": 5,
            "threshold": 0.4 if classification else None,
            "n_bins": 5, "importance_repeats": 2, "importance_rows": 100,
        },
        "drift": yaml.safe_load((ROOT / "conf/drift/days.yaml").read_text())
        | {"reference_folds": 2, "reference_blocks": 4, "segments": {"city": list(SEGMENTS)}},
        "outcomes": {
            "bins": 50,
            "label_delay_days": 2.0,
            "min_coverage": 0.8,
            "min_rows": 1000,
            "alpha": 0.05,
            "min_effect": 0.1,
            "n_draws": 2000,
            "n_resamples": 2000,
            "confidence": 0.95,
        },
        "runtime": {"seed": 7, "n_threads": 1, "memory_mb": 256},
        "serving": yaml.safe_load((ROOT / "conf/serving/online.yaml").read_text()),
    }  # fmt: skip


def rows(task: str) -> pd.DataFrame:
    """Return 900 rows, one an hour, some without a label."""
    random = np.random.default_rng(3)
    x = random.normal(size=900)
    raw = x + random.normal(size=900)
    answer = (raw > 0).astype(float) if task == "classification" else 100 + 10 * raw
    answer[::50] = np.nan
    hours = np.datetime64("2024-01-01T05", "us") + np.arange(900) * np.timedelta64(1, "h")
    city = random.choice(np.array(HOSTILE, dtype=object), 900)
    ids = [f"r{number:04d}" for number in range(900)]
    return pd.DataFrame({"id": ids, "asked": hours, "answer": answer, "x": x, "city": city})


@contextmanager
def working_in(directory: Path) -> Iterator[None]:
    """Change into a directory for a while."""
    before = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


def run_stages(directory: Path, task: str, time: bool, champion: bool) -> Path:
    """Run every stage up to evaluate in an empty directory; return it."""
    (directory / "data/raw").mkdir(parents=True)
    rows(task).to_parquet(directory / "data/raw/small.parquet")
    files.write_json(directory / "data/packages.json", {})
    asked = "asked, " if time else ""
    files.write_text(directory / "data/query.sql", f"select id, {asked}answer, x, city from small")
    files.write_text(directory / "params.yaml", yaml.safe_dump(params(task, time)))
    release = {"model": {"md5": "0" * 32 + ".dir", "sha256": "1" * 64}, "source_commit": "2" * 40}
    pinned = {"release": release if champion else None}
    files.write_json(directory / "models/champion/champion.json", pinned)
    with working_in(directory):
        for name in STAGES:
            if name == "evaluate" and champion:
                shutil.copytree("models/scorer", "models/champion/model")
            import_module(f"stages.{name}").main()
    return directory
