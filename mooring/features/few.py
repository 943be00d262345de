"""Derive the columns of a few rows in plain Python, where one numpy call costs more than a whole row.

A derived column is a function of single rows, so its results are cached by value.
"""

from collections.abc import Callable, Iterator, Sequence
from math import copysign
from operator import itemgetter
from typing import Any

import numpy as np

from mooring.features.derivation import Derivation

Values = Sequence[Any]
"""The values of one row: floats and texts, None for missing."""
MAX_REMEMBERED = 4096
"""The largest cache of one derived column; a full cache is cleared."""


class FewArrangement:
    """Converts rows to the model's columns like Arrangement, but row by row."""

    def __init__(self, derivation: Derivation, names: Sequence[str]) -> None:
        """Take the names of a row's columns in order; further values of a row are ignored.

        Raises ModelError when an input is absent.
        """
        derivation.check(names)
        spec = derivation.spec
        places = {name: at for at, name in enumerate([*names, *spec.derived])}
        absent = {name: "" if kind == "category" else np.nan for name, kind in spec.inputs.items()}
        self._n_names, self._steps = len(names), []
        for _, function, needed in derivation.steps:
            column = _Remembered(function, [absent.get(parameter) for parameter in needed])
            self._steps.append((_picker([places[parameter] for parameter in needed]), column))
        self._numeric = _picker([places[name] for name in spec.numeric])
        self._category = _picker([places[name] for name in spec.categorical])

    def __call__(self, rows: Sequence[Values]) -> Iterator[tuple[Values, Values]]:
        """Yield the model's numbers and texts of each row, None for missing."""
        for row in rows:
            values = [*row[: self._n_names]]
            for pick, column in self._steps:
                values.append(column(pick(values)))
            yield self._numeric(values), self._category(values)


class _Remembered:
    """One derived column, computed one row at a time."""

    def __init__(self, function: Callable[..., Any], absent: Sequence[Any]) -> None:
        """Replace None in inputs by `absent`; a derived value is never None."""
        self._function, self._absent = function, absent
        self._known: dict[Values, Any] = {}

    def __call__(self, values: Values) -> Any:
        # Equal keys must mean equal values: 0.0 equals -0.0 in a dictionary, but not in every function.
        key = (*values, *_signs(values)) if 0.0 in values else values
        result = self._known.get(key)
        if result is None:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            result = self._known[key] = self._of(values)
        return result

    def _of(self, values: Values) -> Any:
        pairs = zip(values, self._absent, strict=True)
        given = [absent if value is None else value for value, absent in pairs]
        kinds = [object if isinstance(value, str) else np.float64 for value in given]
        columns = [np.array([value], kind) for value, kind in zip(given, kinds, strict=True)]
        (found,) = self._function(*columns).tolist()
        return found


def _signs(values: Values) -> Iterator[float]:
    return (copysign(1.0, value) for value in values if isinstance(value, float))


def _picker(places: Sequence[int]) -> Callable[[Values], Values]:
    """Return a function that picks these places as a tuple, for any number of places."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)
