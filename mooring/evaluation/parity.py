"""Train/serve parity: compare the scores of the compiled and the fitted model on every held-out row.

In: scores of the compiled model, from raw inputs, and of the fitted pipeline, from the features stage's
columns, so that the comparison covers the derived columns too.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring.errors import ParityError


def parity(
    compiled: NDArray[np.float64], fitted: NDArray[np.float64], keys: NDArray[Any], atol: float
) -> dict[str, Any]:
    """Return the number of compared rows, and the largest difference with its row's key."""
    with np.errstate(
        invalid="ignore"
    ):  # infinity minus infinity, which is never within the tolerance
        differences = np.abs(compiled - fitted)
    differences[~np.isfinite(differences)] = np.finfo(np.float64).max
    worst = int(differences.argmax())
    return {
        "n": len(differences),
        "max_abs_difference": float(differences[worst]),
        "worst_key": str(keys[worst]),
        "atol": atol,
        "holds": bool(differences[worst] <= atol),
    }


def refuse_disparity(facts: dict[str, Any], where: str) -> None:
    """Raise ParityError unless the largest difference is within the tolerance."""
    if not facts["holds"]:
        raise ParityError(
            f"compiled and fitted scores differ on {facts['n']:,} held-out rows",
            where=where,
            expected=f"at most {facts['atol']:g} (gate.parity_atol)",
            got=f"{facts['max_abs_difference']:.3g}, in row {facts['worst_key']}",
            fix="choose an estimator that compiles exactly, or raise gate.parity_atol",
        )
