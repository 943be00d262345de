"""Where the residuals of a regression lie, from the bins of its tables.

In: `Tables` of a regression. Out: quantiles of label less score.
"""

from collections.abc import Sequence

import numpy as np

from mooring.errors import DataError
from mooring.outcomes.figures import columns
from mooring.outcomes.tables import Tables


def residual_quantiles(tables: Tables, fracs: Sequence[float]) -> list[float | None]:
    """Return the residual that each share `fracs`, 0 to 1, of the rows is at or below.

    Even between the edges of a bin; None where it lies beyond the outermost edges, or there is no row.
    Raises DataError for a classification.
    """
    if tables.task != "regression":
        raise DataError("only a regression has residuals", got=tables.task)
    counts = columns(tables).days["residuals"].sum(axis=0)
    rows = counts.sum()
    if not rows or not tables.edges:
        return [None] * len(fracs)
    # How many rows are at or below each edge.
    reached = np.cumsum(counts)[:-1]
    found = np.interp(np.array(fracs) * rows, reached, np.array(tables.edges))
    return [
        float(value) if reached[0] <= frac * rows <= reached[-1] else None
        for frac, value in zip(fracs, found, strict=True)
    ]
