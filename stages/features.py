"""Derive the model's columns for both windows."""

from pathlib import Path

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.config.load import load
from mooring.features.engineering import write_features
from mooring.features.layout import Layout


def main() -> None:
    """data/{train,test}.parquet → data/features/{train,test}.parquet, layout.json."""
    layout = Layout.of(load(Data), load(Features))
    for window in ("train", "test"):
        rows = Path("data") / f"{window}.parquet"
        n_rows = write_features(rows, Path("data/features") / rows.name, layout)
        print(
            f"{window}: {n_rows:,} rows, {len(layout.spec.numeric)} numeric and "
            f"{len(layout.spec.categorical)} categorical columns"
        )
    layout.write()
