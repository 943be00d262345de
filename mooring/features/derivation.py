"""Compute the model's columns from the columns of a request or a Parquet file."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring.errors import ModelError
from mooring.features.spec import FeatureSpec, derived_functions, parameters
from mooring.features.texts import TextColumn, derived_column

Columns = Mapping[str, NDArray[Any]]


class Derivation:
    """The derived columns of one spec, resolved once and applied to any number of rows."""

    def __init__(self, spec: FeatureSpec) -> None:
        functions = derived_functions()
        self.spec = spec
        lacking = [name for name in spec.derived if name not in functions]
        if lacking:
            raise ModelError(
                f"derived column {', '.join(lacking)} does not exist in this code",
                where=derived_functions.__module__,
                expected=f"one of {', '.join(sorted(functions))}",
                fix="check out the commit that trained the model",
            )
        self.steps = [(name, functions[name], parameters(functions[name])) for name in spec.derived]

    def derive(self, inputs: Columns) -> dict[str, NDArray[Any]]:
        """Return inputs and derived columns, each (n,): float64 with NaN, or text with ''.

        Raises ModelError when an input is absent.
        """
        self.check(inputs)
        columns = dict(inputs)
        for name, function, needed in self.steps:
            columns[name] = function(*[columns[parameter] for parameter in needed])
        return columns

    def check(self, names: Collection[str]) -> None:
        """Raise ModelError when an input is missing."""
        lacking = [name for name in self.spec.inputs if name not in names]
        if lacking:
            raise ModelError(
                f"column {', '.join(lacking)} is missing from the rows",
                expected=", ".join(self.spec.inputs),
                fix="send every input; a missing value is NaN in a number, '' in a category",
            )


class Arrangement:
    """Converts rows of one layout to the model's columns; all lookups happen once, at construction."""

    def __init__(
        self, derivation: Derivation, numbers: Sequence[str], categories: Sequence[str]
    ) -> None:
        """Take the names of the `numbers` and `categories` in the order of the rows' columns.

        Raises ModelError when an input is absent.
        """
        spec, self._steps = derivation.spec, derivation.steps
        derivation.check({*numbers, *categories})
        needed = {parameter for _, _, needed_by in self._steps for parameter in needed_by}
        self._numbers = [(name, at) for at, name in enumerate(numbers) if name in needed]
        self._texts = list(categories)
        self._derived = [name for name in spec.numeric if name in spec.derived]
        wide = [*numbers, *self._derived]
        self._order = np.array([wide.index(name) for name in spec.numeric], np.intp)
        self._of_numbers = {name for name, _, needed in self._steps if {*numbers} >= {*needed}}
        self._categorical = spec.categorical

    def __call__(
        self, numbers: NDArray[np.float64], texts: Sequence[TextColumn]
    ) -> tuple[NDArray[np.float64], list[TextColumn]]:
        """Return the model's number columns (k, n) float64 with NaN, and its category columns, (n,) each.

        Takes the inputs' number columns (j, n), NaN for missing, and category columns, (n,) each.
        """
        by_name: dict[str, Any] = dict(zip(self._texts, texts, strict=True))
        for name, at in self._numbers:
            by_name[name] = numbers[at]
        for name, function, needed in self._steps:
            columns = [by_name[parameter] for parameter in needed]
            by_name[name] = (
                function(*columns)
                if name in self._of_numbers
                else derived_column(function, columns)
            )
        flat = np.concatenate([numbers.ravel(), *[by_name[name] for name in self._derived]])
        numeric = flat.reshape(-1, numbers.shape[1]).take(self._order, axis=0)
        return numeric, [by_name[name] for name in self._categorical]
