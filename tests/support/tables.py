"""Small synthetic problems: rules, features and rows, as the stages hand them on."""

from typing import Any

import numpy as np
import pandas as pd
import yaml

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.config.model import Model
from mooring.config.runtime import Runtime
from mooring.config.serving import Serving
from mooring.models.table import Table
from tests.support.conf import CONF

CITIES = ("Rye", "Troy", "Utica", "")
WORDS = np.array(["alpha", "beta", "gamma", "delta", "rare", ""], dtype=object)


def data(task: str = "classification", timed: bool = True, **changes: Any) -> Data:
    """Return the rules of three numbers and two categories."""
    number = {"kind": "number", "description": "a number", "unit": "1", "max_null_frac": 1.0}
    category = {"kind": "category", "description": "a text", "max_null_frac": 1.0}
    values = {
        "name": "small",
        "task": task,
        "query": "conf/data/small.sql",
        "sources": {"small": {"kind": "parquet", "path": "data/raw/small.parquet"}},
        "key": "id",
        "time": {"column": "asked", "zone": "UTC"} if timed else None,
        "target": {"column": "answer", "description": "what is asked", "unit": "1"},
        "columns": {"x": number, "y": number, "z": number, "city": category, "word": category},
    }
    return Data.parse("data", values | changes, "conf")


def features(
    impute: str = "median",
    indicator: bool = False,
    scale: str = "standard",
    bins: int | None = None,
    encode: str = "onehot",
    min_frac: float | None = None,
) -> Features:
    """Return one group of the three numbers and one of the two categories."""
    return Features.parse(
        "features",
        {
            "derived": [],
            "numeric": [
                {
                    "columns": ["x", "y", "z"],
                    "impute": impute,
                    "indicator": indicator,
                    "scale": scale,
                    "bins": bins,
                }
            ],
            "categorical": [{"columns": ["city", "word"], "encode": encode, "min_frac": min_frac}],
        },
    )


def model(estimator: str, task: str = "classification", **params: Any) -> Model:
    """Return a model of one scikit-learn estimator, with nothing to search."""
    values = {"name": "small", "task": task, "estimator": estimator, "params": params, "space": {}}
    return Model.parse("model", values)


def runtime(n_threads: int = 1) -> Runtime:
    """Return seed 13 and few threads."""
    return Runtime(seed=13, n_threads=n_threads, memory_mb=256)


def serving() -> Serving:
    """Return what conf/serving says."""
    return Serving.parse("serving", yaml.safe_load((CONF / "serving/online.yaml").read_text()))


def table(n_rows: int = 400, task: str = "classification", seed: int = 1) -> Table:
    """Return rows in which x, y and word tell of the target; some values are missing."""
    random = np.random.default_rng(seed)
    numbers = {
        name: random.normal(size=n_rows) * scale
        for name, scale in zip("xyz", (1, 30, 1e4), strict=True)
    }
    texts = {
        "city": random.choice(np.array(CITIES, dtype=object), n_rows),
        "word": random.choice(WORDS, n_rows, p=[0.3, 0.3, 0.2, 0.1, 0.01, 0.09]),
    }
    raw = 2 * numbers["x"] + numbers["y"] / 30 + (texts["word"] == "alpha")
    raw = raw + random.normal(size=n_rows) * 0.5
    for values in numbers.values():
        values[random.random(n_rows) < 0.1] = np.nan
    return Table(
        pd.DataFrame({**numbers, **texts}),
        (raw > 0).astype(np.float64) if task == "classification" else raw + 3,
        np.array([f"row{number:05d}" for number in range(n_rows)], dtype=object),
        np.datetime64("2024-01-01", "us") + np.arange(n_rows) * np.timedelta64(1, "h"),
    )


def hostile_rows(table_: Table) -> pd.DataFrame:
    """Return rows with all missing, unseen, empty, huge and tiny values, and a few ordinary ones."""
    odd = pd.DataFrame(
        {
            "x": [np.nan, 0.0, 1e12, -1e12, 1e-300, 0.1],
            "y": [np.nan, -0.0, 3e9, -3e9, 1e-300, 16777217.0],
            "z": [np.nan, 1.0, 1e15, -1e15, 5e-324, 0.3],
            "city": ["", "Unseen", "Troy", "Rye", "\x00", "r\u00e9sum\u00e9"],
            "word": ["", "rare", "never seen", "alpha", "beta ", "Alpha"],
        }
    ).astype({"city": object, "word": object})
    return pd.concat([odd, table_.frame.iloc[:50].astype({"city": object, "word": object})])
