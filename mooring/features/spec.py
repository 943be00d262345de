"""The columns of a model: the inputs of a request, the derived columns, and their order.

Made from conf/ for training, saved with the compiled model, and read by the server, so that both build
the same columns in the same order.
"""

import inspect
from collections.abc import Callable
from typing import Any, Literal, Self, get_type_hints

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.config.section import PARAMS, Strict, fix
from mooring.errors import ConfigError
from mooring.features import derived

Kind = Literal["number", "category"]


class FeatureSpec(Strict):
    """The inputs, the derived columns, and the columns of the model."""

    inputs: dict[str, Kind]
    """The names of a request's inputs."""
    derived: tuple[str, ...]
    """Functions of mooring/features/derived.py, in call order."""
    numeric: tuple[str, ...]
    """The columns of the model's `numeric` input, in order."""
    categorical: tuple[str, ...]
    """The columns of the model's `category` input, in order."""

    @classmethod
    def of(cls, data: Data, features: Features) -> Self:
        """Return the spec that conf/data and conf/features give.

        Raises ConfigError for a column that does not exist, has another kind, or is never used.
        """
        inputs: dict[str, Kind] = {name: column.kind for name, column in data.columns.items()}
        kinds, used = _derive_kinds(inputs, features.derived)
        numeric, categorical = features.numeric_columns, features.categorical_columns
        for key, wanted, columns in (
            ("features.numeric", "number", numeric),
            ("features.categorical", "category", categorical),
        ):
            for name in columns:
                if kinds.get(name) != wanted:
                    known = ", ".join(sorted(k for k, kind in kinds.items() if kind == wanted))
                    raise _wrong(key, name, f"a {wanted} column: one of {known}")
        unused = [name for name in kinds if name not in {*used, *numeric, *categorical}]
        if unused:
            raise _wrong(
                "features",
                f"does not use {', '.join(unused)}",
                "every input and derived column in use",
            )
        return cls(
            inputs=inputs, derived=features.derived, numeric=numeric, categorical=categorical
        )

    @property
    def used_inputs(self) -> tuple[str, ...]:
        """The inputs that the model sees, as they are or through derived columns."""
        functions, used = derived_functions(), {*self.numeric, *self.categorical}
        for name in reversed(self.derived):  # a derived column may need one before it
            if name in used:
                used.update(parameters(functions[name]))
        return tuple(name for name in self.inputs if name in used)


def derived_functions() -> dict[str, Callable[..., Any]]:
    """Return every derived column of the library, by name."""
    return {
        name: function
        for name, function in vars(derived).items()
        if inspect.isfunction(function) and function.__module__ == derived.__name__
    }


def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the columns that a derived column reads."""
    return tuple(inspect.signature(function).parameters)


def _derive_kinds(
    inputs: dict[str, Kind], names: tuple[str, ...]
) -> tuple[dict[str, Kind], set[str]]:
    functions, kinds, used = derived_functions(), dict(inputs), set[str]()
    for name in names:
        if name not in functions:
            raise _wrong("features.derived", name, f"one of {', '.join(sorted(functions))}")
        if name in kinds:
            raise _wrong("features.derived", name, "a name that is not taken by another column")
        hints = get_type_hints(functions[name], include_extras=True)
        for parameter in parameters(functions[name]):
            kind = hints[parameter].__metadata__[0]
            if kinds.get(parameter) != kind:
                raise _wrong("features.derived", name, f"a {kind} column {parameter} before it")
            used.add(parameter)
        kinds[name] = hints["return"].__metadata__[0]
    return kinds, used


def _wrong(key: str, got: str, expected: str) -> ConfigError:
    return ConfigError(f"{key}: {got}", where=str(PARAMS), expected=expected, fix=fix("features"))
