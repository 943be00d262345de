"""Turn stored columns into arrays: float64 with NaN for missing, or text with '' for missing."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mooring.features.spec import FeatureSpec


def number_array(column: Any) -> NDArray[np.float64]:
    """Return a column of numbers as (n,) float64."""
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))


def category_array(column: Any) -> NDArray[np.object_]:
    """Return a column of categories as (n,) text."""
    return np.asarray(pc.fill_null(column.cast(pa.string()), "").to_numpy(zero_copy_only=False))


def input_columns(batch: Any, spec: FeatureSpec) -> dict[str, NDArray[Any]]:
    """Return the spec's inputs from an Arrow table or record batch."""
    arrays = {"number": number_array, "category": category_array}
    return {name: arrays[kind](batch.column(name)) for name, kind in spec.inputs.items()}
