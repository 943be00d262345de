"""Cross-fit: score every row with a model that was not fitted on any row of its block.

In: the block of each row, and a function that fits on some rows and scores others.
Out: one score for each row.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring.errors import ModelError
from mooring.machine.progress import Progress

Mask = NDArray[np.bool_]


def folds_of(blocks: NDArray[Any], n_folds: int) -> NDArray[np.intp]:
    """Return the fold of each row, 0 to n_folds - 1: whole blocks, neighbours together.

    `blocks` has shape (n_rows,), anything that sorts. The numbers of blocks in two folds differ by
    at most one. Raises ModelError when there are fewer blocks than folds, or fewer than two folds.
    """
    distinct, block_of_row = np.unique(blocks, return_inverse=True)
    if not 2 <= n_folds <= len(distinct):
        raise ModelError(
            "too few blocks for out-of-fold scores",
            expected=f"at least 2 folds, and one block for each of {n_folds} folds",
            got=f"{len(distinct)} blocks",
            fix="widen the train window in conf/window/, or lower drift.reference_folds",
        )
    parts = np.array_split(np.arange(len(distinct)), n_folds)
    fold_of_block = np.repeat(np.arange(n_folds), [len(part) for part in parts])
    return fold_of_block[block_of_row]


def out_of_fold(
    blocks: NDArray[Any],
    n_folds: int,
    fit_and_score: Callable[[Mask, Mask], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return a score for each row, shape (n_rows,), from `fit_and_score(train, test)` of each fold.

    It takes two masks of shape (n_rows,) and returns the scores of the rows of `test`, in order.
    Raises ModelError when it returns another number of scores, or when `folds_of` does.
    """
    folds = folds_of(blocks, n_folds)
    scores = np.empty(len(folds), dtype=np.float64)
    with Progress("out-of-fold scores", n_folds, unit="fold") as progress:
        for fold in range(n_folds):
            progress.reach(fold)
            test = folds == fold
            answer = fit_and_score(~test, test)
            if answer.shape != (int(test.sum()),):
                raise ModelError(
                    f"fold {fold} does not have one score for each row",
                    expected=f"shape ({int(test.sum())},)",
                    got=f"shape {answer.shape}",
                )
            scores[test] = answer
        progress.reach(n_folds)
    return scores
