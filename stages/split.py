"""Split the rows into a train and a test window."""

from pathlib import Path

from mooring.config.data import Data
from mooring.config.load import load
from mooring.config.runtime import Runtime
from mooring.config.window import Window
from mooring.data.split import SplitFiles, split

ROWS = Path("data/rows.parquet")
FILES = SplitFiles(
    train=Path("data/train.parquet"),
    test=Path("data/test.parquet"),
    unlabelled=Path("data/unlabelled.parquet"),
    facts=Path("data/split.json"),
)


def main() -> None:
    """data/rows.parquet → data/{train,test,unlabelled}.parquet, data/split.json."""
    facts = split(load(Data), load(Window), load(Runtime), ROWS, FILES)
    print(f"train: {facts['train']['rows']:,} rows; test: {facts['test']['rows']:,} rows")
