"""Rows counted by bin through real profiles: built by whylogs, written, read back and counted.

In and out: as benchmarks/drift_cases/counting.py. A sketch of more values than it holds draws random
bits, so a figure may differ from one run to the next by what those decide.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.drift_cases.counting import Counting, Ints
from mooring.drift.days import Days, stacked
from mooring.profiles.bins import Bins
from mooring.profiles.reading import Profile, read_profile
from mooring.profiles.sketches import profile_blocks
from mooring.profiles.tables import counts, reference_counts
from mooring.profiles.values import Kind


def profiled_reference(
    frame: pd.DataFrame, block: Ints, names: Sequence[str], open_columns: frozenset[str]
) -> Days:
    """Return what the profiles of a reference's days hold, by the bins that they make."""
    bins, blocks = reference_counts(_profiles(frame, block, names), open_columns)
    return stacked(blocks, bins)


def profiled(frame: pd.DataFrame, block: Ints, names: Sequence[str], bins: Bins) -> Days:
    """Return what the profiles of days hold; a day without rows has none."""
    found = _profiles(frame, block, names)
    return stacked(
        {name: counts([found[name]] if name in found else [], bins) for name in names}, bins
    )


def _profiles(frame: pd.DataFrame, block: Ints, names: Sequence[str]) -> dict[str, Profile]:
    kinds: dict[str, Kind] = {
        str(name): "category" if isinstance(kind, pd.CategoricalDtype) else "number"
        for name, kind in frame.dtypes.items()
    }
    columns = {name: _values(frame[name], kind) for name, kind in kinds.items()}
    views = profile_blocks(columns, kinds, np.array(names)[block], are_days=False, facts={})
    return {name: read_profile(view.serialize(), name) for name, view in views.items()}


def _values(values: "pd.Series[Any]", kind: Kind) -> NDArray[Any]:
    if kind == "number":
        return values.to_numpy(np.float64)
    return values.astype(object).where(values.notna(), None).to_numpy()


PROFILES = Counting("profiles", profiled_reference, profiled)
