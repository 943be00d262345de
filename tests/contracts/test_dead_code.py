"""Dead code: what `make check` lets pass although nothing reads it is still there, name by name."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from vulture import Vulture

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]


@pytest.fixture(scope="module")
def unused() -> set[str]:
    search = Vulture(ignore_decorators=SETTINGS["ignore_decorators"])
    search.scavenge([str(ROOT / path) for path in SETTINGS["paths"]], SETTINGS["exclude"])
    return {item.name for item in search.get_unused_code()}


def test_every_exception_is_needed(unused: set[str]) -> None:
    idle = [
        pattern
        for pattern in SETTINGS["ignore_names"]
        if not any(fnmatch(name, pattern) for name in unused)
    ]
    assert idle == []
