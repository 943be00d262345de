"""Load one section of params.yaml, so that a stage cannot read a parameter that it does not declare."""

from pathlib import Path
from typing import Any, TypeVar

import yaml

from mooring.config.section import PARAMS, Parsed
from mooring.errors import ConfigError

S = TypeVar("S", bound=Parsed)


def load(section: type[S], path: Path = PARAMS) -> S:
    """Return the section of params.yaml that `section` describes, checked.

    Raises ConfigError when the file or the section is missing, or a value is wrong.
    """
    name = section.__name__.lower()
    values = read_params(path)
    if name not in values:
        raise ConfigError(
            f"section {name} is missing",
            where=str(path),
            got=", ".join(values),
            fix="run 'mooring compose'",
        )
    return section.parse(name, values[name], path)


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """Return the whole file as plain values. Raises ConfigError when it is missing or not YAML."""
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(
            "cannot be read", where=str(path), got=str(error), fix="run 'mooring compose'"
        ) from error
    if not isinstance(values, dict):
        raise ConfigError("has no sections", where=str(path), fix="run 'mooring compose'")
    return values
