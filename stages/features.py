"""Derive the model's columns for both windows, and for the rows of the first that have no label."""

from pathlib import Path

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.config.load import load
from mooring.features.engineering import write_features
from mooring.features.layout import Layout


def main() -> None:
    """data/{train,test,unlabelled}.parquet → data/features/ with the same names, layout.json."""
    layout = Layout.of(load(Data), load(Features))
    for name in ("train", "test", "unlabelled"):
        rows = Path("data") / f"{name}.parquet"
        n_rows = write_features(rows, Path("data/features") / rows.name, layout)
        print(
            f"{name}: {n_rows:,} rows, {len(layout.spec.numeric)} numeric and "
            f"{len(layout.spec.categorical)} categorical columns"
        )
    layout.write()
