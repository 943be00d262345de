"""The reference's outcomes: the model's quality by day of its train window, on rows it was not fitted on.

In: scores of rows by models that were not fitted on them, and their labels. Out: one file, beside the
profiles of the same rows.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mooring import files
from mooring.config.metric import Task
from mooring.metrics.weighted import Floats
from mooring.outcomes.edges import edges_of
from mooring.outcomes.tables import Tables, tabulate


def write_reference(
    path: Path | str,
    task: Task,
    blocks: NDArray[np.str_],
    scores: Floats,
    target: Floats,
    n_bins: int,
) -> None:
    """Write the outcomes by block, a day or else a group of rows; arrays are (n_rows,).

    Raises ModelError where a value is not finite, or a label is not of the task.
    """
    tables = tabulate(task, edges_of(task, scores, n_bins), blocks, scores, target)
    files.write_bytes(path, tables.encode())


def read_reference(path: Path | str) -> Tables:
    """Return the outcomes that `write_reference` wrote. Raises IntegrityError for anything else."""
    return Tables.decode(files.read_bytes(path, "run 'dvc repro'"), path)
