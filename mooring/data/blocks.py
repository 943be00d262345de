"""Assign each row to a block: the unit of a reference's profiles, and of the threshold calibration.

In: the times of the rows, or their number. Out: one block name for each row; names sort in order.
"""

import numpy as np
from numpy.typing import NDArray

from mooring.days import Instants, local_days


def blocks_of(
    times: Instants | None, zone: str | None, n_rows: int, n_blocks: int, seed: int
) -> NDArray[np.str_]:
    """Return local days if rows have a time and a zone, else seeded blocks."""
    if times is not None and zone is not None:
        return day_blocks(times, zone)
    return row_blocks(n_rows, n_blocks, seed)


def day_blocks(times: Instants, zone: str) -> NDArray[np.str_]:
    """Return the local day of each UTC instant, (n_rows,), named YYYY-MM-DD."""
    return np.datetime_as_string(local_days(times, zone))


def row_blocks(n_rows: int, n_blocks: int, seed: int) -> NDArray[np.str_]:
    """Return seeded blocks, (n_rows,), whose sizes differ by at most one: block-000 and so on."""
    names = np.array([f"block-{number:03d}" for number in range(n_blocks)])
    return np.random.default_rng(seed).permutation(names[np.arange(n_rows) % n_blocks])
