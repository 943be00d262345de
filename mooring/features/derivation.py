"""Turn the columns of a request, or of a Parquet file, into the two matrices that a model takes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring.errors import ModelError
from mooring.features.spec import FeatureSpec, derived_functions, parameters

Columns = Mapping[str, NDArray[Any]]


class Derivation:
    """The derived columns of one spec, looked up once and then applied to any number of rows."""

    def __init__(self, spec: FeatureSpec) -> None:
        functions = derived_functions()
        self.spec = spec
        lacking = [name for name in spec.derived if name not in functions]
        if lacking:
            raise ModelError(
                f"this code has no derived column {', '.join(lacking)}",
                where=derived_functions.__module__,
                expected=f"one of {', '.join(sorted(functions))}",
                mend="use the code of the commit that trained the model",
            )
        self._inputs = frozenset(spec.inputs)
        self._steps = [
            (name, functions[name], parameters(functions[name])) for name in spec.derived
        ]

    def derive(self, inputs: Columns) -> dict[str, NDArray[Any]]:
        """Return inputs and derived columns, each (n,): float64 with NaN, or text with ''.

        Raises ModelError when an input is absent.
        """
        if not self._inputs <= inputs.keys():
            lacking = [name for name in self.spec.inputs if name not in inputs]
            raise ModelError(
                f"the rows lack the column {', '.join(lacking)}",
                expected=f"the columns {', '.join(self.spec.inputs)}",
                mend="send every input; a missing value is NaN, or '' in a category",
            )
        columns = dict(inputs)
        for name, function, needed in self._steps:
            columns[name] = function(*[columns[parameter] for parameter in needed])
        return columns

    def matrices(self, inputs: Columns) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
        """Return the model's inputs: numeric (n, k) float64 and category (n, m) text."""
        columns = self.derive(inputs)
        n_rows = len(next(iter(inputs.values())))
        numeric = _side_by_side([columns[name] for name in self.spec.numeric], n_rows, np.float64)
        category = _side_by_side([columns[name] for name in self.spec.categorical], n_rows, object)
        return numeric, category


def _side_by_side(columns: list[NDArray[Any]], n_rows: int, dtype: Any) -> NDArray[Any]:
    """Return columns, (n,) each, as one matrix (n, k): in one call, which is what one row costs."""
    if not columns:
        return np.empty((n_rows, 0), dtype=dtype)
    flat = np.concatenate(columns, dtype=dtype, casting="unsafe")
    return np.ascontiguousarray(flat.reshape(len(columns), n_rows).T)
