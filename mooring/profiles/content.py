"""What rows a set of profiles is made from, as one digest.

A sketch's bytes differ from run to run, so they cannot say that two references are of the same rows.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def rows_sha256(columns: Mapping[str, NDArray[Any]], blocks: NDArray[np.str_]) -> str:
    """Return the sha256 over the columns, each (n_rows,), and the block that each row belongs to."""
    digest = hashlib.sha256()
    for name, values in sorted({**columns, "": blocks}.items()):
        digest.update(f"{name}\0{len(values)}\0".encode())
        if values.dtype.kind == "f":
            digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
        else:
            digest.update("\0".join(values.tolist()).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
