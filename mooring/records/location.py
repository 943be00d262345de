"""The store of a command: its option, else the environment's, else the project's own."""

from collections.abc import Mapping
from pathlib import Path

from mooring.errors import ConfigError

STORE = ".mooring/store"


def location(option: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the URL or the absolute path of the store, None if it is `off`."""
    url = option or environment.get("MOORING_STORE") or STORE
    if url == "off":
        return None
    return (
        url if "://" in url else str(Path(url).absolute())
    )  # a worker has another working directory


def required_location(option: str | None, environment: Mapping[str, str], asking: str) -> str:
    """Return the store like `location`. Raises ConfigError, naming the `asking` option, if it is `off`."""
    url = location(option, environment)
    if url is None:
        raise ConfigError(f"{asking} requires a store", expected="a directory or URL", got="off")
    return url
