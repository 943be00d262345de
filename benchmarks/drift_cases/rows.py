"""The rows of both data sets: every input column, and scores of models that had not seen them.

In: conf/ and the package's CSV files. Out: Rows, made once and kept under .mooring/bench.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import OrdinalEncoder

from mooring.config.data import Data
from mooring.config.runtime import Runtime
from mooring.data.blocks import day_blocks
from mooring.data.ingest import ingest

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".mooring/bench/drift"
N_FOLDS = 5
SEED = 13
SPARSE_ROWS = 150
"""A day."""


@dataclass(frozen=True)
class Rows:
    """One data set."""

    name: str
    frame: pd.DataFrame
    """Inputs, categories as pandas has them, and `score`."""
    day: NDArray[np.int64]
    """(n_rows,), from 0."""
    open_columns: frozenset[str] = frozenset()
    """The category columns in which conf/data takes new categories for part of life."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Of the number columns, as conf/data declares them."""

    @property
    def n_days(self) -> int:
        """How many days there are."""
        return int(self.day.max()) + 1


def rows_of(name: str) -> Rows:
    """Return the rows of a problem of conf/data, which are kept under .mooring/bench.

    `sparse` are those of the flights, 150 a day.
    """
    if name == "sparse":
        return sparse(rows_of("flights"))
    path = CACHE / f"{name}.parquet"
    if not path.is_file():
        print(f"making the rows of {name}, once", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as directory:
            made = made_rows(name, Path(directory))
        temporary = path.with_suffix(".tmp")
        made.frame.assign(day=made.day).to_parquet(temporary)
        temporary.rename(path)
    frame = pd.read_parquet(path)
    return _rows(name, frame.drop(columns="day"), frame["day"].to_numpy())


def _rows(name: str, frame: pd.DataFrame, day: NDArray[np.int64]) -> Rows:
    data = _data(name)
    numbers = {column: rule.unit for column, rule in data.columns.items() if rule.kind == "number"}
    return Rows(name, frame, day, data.open_columns, numbers)


def sparse(rows: Rows) -> Rows:
    """Return a small seeded sample of the rows of all days, as with little traffic."""
    n_rows = SPARSE_ROWS * rows.n_days
    kept = np.random.default_rng(SEED).choice(len(rows.frame), n_rows, replace=False)
    kept.sort()
    frame = rows.frame.iloc[kept].reset_index(drop=True)
    return replace(rows, name="sparse", frame=frame, day=rows.day[kept])


def made_rows(name: str, directory: Path) -> Rows:
    """Return the same, made anew, with what it takes in an empty directory."""
    data = _data(name)
    runtime = Runtime.parse("runtime", _section("runtime", "two_cores"), "conf")
    query, path = ROOT / f"conf/data/{name}.sql", directory / "rows.parquet"
    ingest(data, runtime, query, path, directory / "manifest.json")
    rows = pd.read_parquet(path)
    assert data.time is not None
    names = day_blocks(rows[data.time.column].to_numpy(), data.time.zone)
    day = np.unique(names, return_inverse=True)[1]
    frame = pd.DataFrame(
        {
            column: rows[column].astype("category" if rule.kind == "category" else np.float64)
            for column, rule in data.columns.items()
        }
    )
    scores = _scores(frame, rows[data.target.column], day)
    return _rows(name, frame.assign(score=scores), day)


def _data(name: str) -> Data:
    return Data.parse("data", _section("data", name), "conf")


def _section(group: str, name: str) -> Any:
    values = yaml.safe_load((ROOT / f"conf/{group}/{name}.yaml").read_text())
    return json.loads(json.dumps(values, default=str))


def _scores(frame: pd.DataFrame, target: Any, day: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each row's score by a model fitted to other days."""
    texts = frame.select_dtypes("category").columns
    encoded = OrdinalEncoder(encoded_missing_value=-1).fit_transform(frame[texts].astype(object))
    inputs = np.column_stack([encoded, frame.drop(columns=texts).to_numpy(np.float64)])
    fold = np.random.default_rng(SEED).permutation(day.max() + 1)[day] % N_FOLDS
    labelled, scores = target.notna().to_numpy(), np.empty(len(frame))
    for number in range(N_FOLDS):
        trees = HistGradientBoostingClassifier(
            min_samples_leaf=50, early_stopping=False, random_state=SEED
        )
        train, test = (fold != number) & labelled, fold == number
        scores[test] = trees.fit(inputs[train], target[train]).predict_proba(inputs[test])[:, 1]
    return scores
