"""A request's id, size and scores, as scoring passes them to recording."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Asked = tuple[str, int]
"""A request's id, and its number of rows."""


class Scored(NamedTuple):
    """One score per row, and which model gave it."""

    scores: NDArray[np.float64]
    by: NDArray[np.int8] | None
    """(n,) positions in Routing.digests; None if the first gave all."""

    def part(self, start: int, end: int) -> "Scored":
        """Return the scores of some rows."""
        by = None if self.by is None else self.by[start:end]
        return Scored(self.scores[start:end], by)
