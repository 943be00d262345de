"""The blocks that rows are compared in: days, or groups of rows where the data has no time.

In: the rows of a join. Out: for each model its rows and losses by block, in order of time.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mooring.days import local_days
from mooring.metrics.sequential import Totals

ROWS_PER_BLOCK = 100
"""Neighbours in order of time, so that most blocks hold rows of both models."""


def number(rows: pd.DataFrame, zone: str | None) -> NDArray[np.int64]:
    """Return the block of each row, (n_rows,), from 0: its day in `zone`, or its place if that is None."""
    if zone is None:
        order = rows[["time", "request_id", "row"]]
        return np.asarray(order.groupby([*order], sort=True).ngroup()) // ROWS_PER_BLOCK
    days = local_days(rows["time"].to_numpy(), zone)
    return np.unique(days, return_inverse=True)[1].astype(np.int64)


def totals(
    blocks: NDArray[np.int64], challenger: NDArray[np.bool_], losses: NDArray[np.float64]
) -> tuple[Totals, Totals]:
    """Add up the rows of the champion and of the challenger, arrays (n_rows,), by block."""
    n_blocks = int(blocks.max(initial=-1)) + 1

    def of(chosen: NDArray[np.bool_]) -> Totals:
        n = np.bincount(blocks[chosen], minlength=n_blocks).astype(np.float64)
        added = np.bincount(blocks[chosen], losses[chosen], minlength=n_blocks)
        return Totals(n, added.astype(np.float64))

    return of(~challenger), of(challenger)
