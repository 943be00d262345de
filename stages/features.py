"""Derive the model's columns for both windows."""

from pathlib import Path

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.config.load import load
from mooring.features.derivation import Derivation
from mooring.features.engineering import write_features
from mooring.features.spec import FeatureSpec


def main() -> None:
    """data/{train,test}.parquet → data/features/{train,test}.parquet."""
    data, features = load(Data), load(Features)
    derivation = Derivation(FeatureSpec.of(data, features))
    for window in ("train", "test"):
        rows = Path("data") / f"{window}.parquet"
        n_rows = write_features(rows, Path("data/features") / rows.name, data, derivation)
        print(
            f"{window}: {n_rows:,} rows, {len(derivation.spec.numeric)} numeric and "
            f"{len(derivation.spec.categorical)} categorical columns"
        )
