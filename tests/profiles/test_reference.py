"""The reference of a run graph: all rows of the train window, scored by models that did not see them."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from mooring.days import local_days
from mooring.outcomes.reference import read_reference
from mooring.profiles.store import read_sketches

ZONE = "America/New_York"


def rows_by_day(*paths: Path) -> dict[str, int]:
    days = local_days(pq.read_table(list(paths), columns=["asked"])[0].to_numpy(), ZONE)
    return dict(
        zip(*map(np.ndarray.tolist, np.unique(days.astype(str), return_counts=True)), strict=True)
    )


def test_rows_without_a_label_are_profiled_and_scored_too(packaged: Path) -> None:
    train, unlabelled = (packaged / f"data/{name}.parquet" for name in ("train", "unlabelled"))
    profiles = read_sketches(packaged / "models/reference")
    assert profiles.rows == rows_by_day(train, unlabelled)
    assert sum(profiles.rows.values()) > sum(rows_by_day(train).values())
    assert {day: of["score"].present for day, of in profiles.blocks.items()} == profiles.rows


def test_outcomes_are_those_of_rows_with_a_label(packaged: Path) -> None:
    outcomes = read_reference(packaged / "models/reference_outcomes.json")
    n_labelled = rows_by_day(packaged / "data/train.parquet")
    assert {day: table.rows for day, table in outcomes.days.items()} == n_labelled
