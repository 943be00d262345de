"""The rules that span batches: times are sorted, and keys are unique.

In: batches in file order. Out: violations of time order, and duplicate keys.
"""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pandas.util import hash_array

from mooring.config.data import Data
from mooring.data.violations import Violations

Hashes = NDArray[np.uint64]


class Continuity:
    """The state between one batch and the next."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._last: np.int64 | None = None
        self._hashes: list[Hashes] = []
        self.rows = 0

    def follow(self, batch: pa.RecordBatch, violations: Violations) -> None:
        """Add the next batch."""
        self._hashes.append(_hashes(batch, self._data.key))
        if self._data.time:
            column = self._data.time.column
            broken = self._steps_back(batch.column(column))
            violations.add(column, "monotone", broken, batch, self.rows)
        self.rows += batch.num_rows

    def _steps_back(self, times: pa.Array) -> list[int]:
        """Return the positions of rows whose time is before the previous known time."""
        positions = np.flatnonzero(~times.is_null().to_numpy(zero_copy_only=False))
        moments = times.drop_null().cast(pa.int64()).to_numpy()
        if not len(moments):
            return []
        before = np.concatenate([[moments[0] if self._last is None else self._last], moments[:-1]])
        self._last = moments[-1]
        return [int(place) for place in positions[moments < before]]

    def hashes(self) -> Hashes:
        """Return a 64-bit hash of every key, in file order."""
        return np.concatenate(self._hashes) if self._hashes else np.array([], dtype=np.uint64)


def _hashes(batch: pa.RecordBatch, key: str) -> Hashes:
    texts = batch.column(key).fill_null("").to_numpy(zero_copy_only=False)
    return hash_array(texts, categorize=False)


def repeated_keys(
    file: pq.ParquetFile, data: Data, hashes: Hashes, batch_rows: int
) -> dict[str, list[int]]:
    """Return the row numbers of each duplicate key.

    The keys are read again only where hashes collide. Another rule covers missing keys.
    """
    ordered = np.sort(hashes)
    suspects = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    rows: dict[str, list[int]] = {}
    if not len(suspects):
        return rows
    places = np.flatnonzero(np.isin(hashes, suspects))
    start = 0
    for batch in file.iter_batches(batch_size=batch_rows, columns=[data.key]):
        inside = places[(places >= start) & (places < start + batch.num_rows)]
        keys = batch.column(data.key).take(pa.array(inside - start)).to_pylist()
        for place, key in zip(inside.tolist(), keys, strict=True):
            if key is not None:
                rows.setdefault(key, []).append(place)
        start += batch.num_rows
    return {key: numbers for key, numbers in rows.items() if len(numbers) > 1}
