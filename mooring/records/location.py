"""Which store a command means: the one that it is told, else the environment's, else the project's own."""

from collections.abc import Mapping
from pathlib import Path

STORE = ".mooring/store"


def location(option: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the URL or the absolute path of the store, None where it is `off`."""
    url = option or environment.get("MOORING_STORE") or STORE
    if url == "off":
        return None
    return url if "://" in url else str(Path(url).absolute())  # a worker runs elsewhere
