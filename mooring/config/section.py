"""The strict, frozen base of every config class, and the error for a wrong value."""

import json
from pathlib import Path
from typing import Any, Generic, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from mooring.errors import ConfigError

PARAMS = Path("params.yaml")


T = TypeVar("T")


class Strict(BaseModel):
    """A frozen config value that refuses unknown keys, wrong types, NaN and infinity."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Parsed:
    """Parses a section from plain YAML values, with a readable error."""

    @classmethod
    def parse(cls, name: str, value: Any, where: Path | str = PARAMS) -> Self:
        """Return the section `name` made from `value`. Raises ConfigError naming the key."""
        assert issubclass(cls, BaseModel)
        try:
            # Through JSON, where strict mode still reads a list as a tuple and a string as a date.
            return cls.model_validate_json(json.dumps(value))
        except ValidationError as error:
            raise _explained(name, error, where) from error
        except (TypeError, ValueError) as error:
            raise ConfigError(
                "not a plain value", where=f"{where}: {name}", got=str(error), fix=fix(name)
            ) from error


class Section(Strict, Parsed):
    """One group of conf/, one section of params.yaml, one class."""


class UnionSection(RootModel[T], Parsed, Generic[T]):
    """A section with one of several forms, chosen by its key `kind`."""

    model_config = ConfigDict(strict=True, frozen=True)


def fix(name: str) -> str:
    """Return the fix for a wrong value in section `name`."""
    return f"edit conf/{name}/, then run 'mooring compose'"


def _explained(name: str, error: ValidationError, where: Path | str) -> ConfigError:
    fault, n_others = first_fault(error), error.error_count() - 1
    key = f"{name}.{fault.key}" if fault.key else name
    more = f" (and {n_others} more wrong values)" if n_others else ""
    return ConfigError(
        f"{key} = {fault.got}{more}", where=str(where), expected=fault.expected, fix=fix(name)
    )


class WrongValue(NamedTuple):
    """A wrong value of a document."""

    key: str
    """As a dotted path, '' for the document itself."""
    expected: str
    got: str


def first_fault(error: ValidationError) -> WrongValue:
    """Return the first thing that pydantic refused."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return WrongValue("", "JSON", first["ctx"]["error"])
    missing = first["type"] == "missing"
    got = "nothing" if missing else json.dumps(first["input"], default=str)
    key = ".".join(str(part) for part in first["loc"])
    return WrongValue(key, _expectation(first["type"], first["msg"]), got[:200])


def _expectation(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "no such key"
    if kind == "missing":
        return "a value for this key"
    return message.removeprefix("Value error, ").removeprefix("Input should be ")
