"""Which store a command means: the one that it is told, else the environment's, else the project's own."""

from collections.abc import Mapping
from pathlib import Path

from mooring.errors import ConfigError

STORE = ".mooring/store"


def location(option: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the URL or the absolute path of the store, None where it is `off`."""
    url = option or environment.get("MOORING_STORE") or STORE
    if url == "off":
        return None
    return url if "://" in url else str(Path(url).absolute())  # a worker runs elsewhere


def required_location(option: str | None, environment: Mapping[str, str], asking: str) -> str:
    """Return the store as `location` does. Raises ConfigError, naming who is `asking`, where it is `off`."""
    url = location(option, environment)
    if url is None:
        raise ConfigError(f"{asking} requires a store", expected="a directory or URL", got="off")
    return url
