"""Read the features of one window into memory, in the pipeline's column order."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mooring.features.arrays import category_array, number_array
from mooring.features.layout import Layout
from mooring.features.texts import TextColumn, text_column


@dataclass(frozen=True)
class Table:
    """Rows ready to be fitted or scored, in order of time if the data has time."""

    frame: pd.DataFrame
    """(n, k + m): the spec's numeric columns as float64, then its categorical ones as text."""
    target: NDArray[np.float64]
    """(n,)"""
    keys: NDArray[np.object_]
    """(n,)"""
    times: NDArray[np.datetime64] | None
    """(n,), UTC; None if the data has no time."""

    def __len__(self) -> int:
        return len(self.target)

    def rows(self, positions: Any) -> "Table":
        """Return the rows at `positions`, which may be a slice, a mask or an index."""
        return Table(
            self.frame.iloc[positions],
            self.target[positions],
            self.keys[positions],
            None if self.times is None else self.times[positions],
        )

    def matrices(self, n_numeric: int) -> tuple[NDArray[np.float64], list[TextColumn]]:
        """Return the inputs of a compiled model: numbers (k, n), and the category columns, (n,) each."""
        numbers = self.frame.iloc[:, :n_numeric].to_numpy(np.float64).T
        texts = self.frame.iloc[:, n_numeric:]
        return numbers, [text_column(texts[name].tolist()) for name in texts]


def read_table(path: Path | str | list[Path], layout: Layout) -> Table:
    """Return the rows of what the features stage wrote: a Parquet file, or several in their order.

    The target of a row without a label is NaN.
    """
    stored = pq.read_table(path)
    columns: dict[str, NDArray[Any]] = {
        name: number_array(stored.column(name)) for name in layout.spec.numeric
    }
    columns |= {name: category_array(stored.column(name)) for name in layout.spec.categorical}
    return Table(
        pd.DataFrame(columns, copy=False),
        number_array(stored.column(layout.target)),
        category_array(stored.column(layout.key)),
        stored.column(layout.time.column).to_numpy() if layout.time else None,
    )
