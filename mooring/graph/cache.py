"""Where DVC keeps objects, by its own settings, and which files a directory object lists.

In: .dvc/config and .dvc/config.local; a directory object. Out: paths and names.
DVC itself is not imported, since that is slow.
"""

import configparser
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mooring.errors import ConfigError, IntegrityError

FILES = ("config", "config.local")


@dataclass(frozen=True)
class Remote:
    """The default remote."""

    name: str
    url: str
    """As it is written in the settings."""
    verify: bool
    """Whether DVC checks what it pulls from there."""
    directory: Path | None
    """None unless it is a directory of this machine."""


def settings(root: Path = Path()) -> dict[str, dict[str, str]]:
    """Return DVC's settings by section, config.local over config; a remote's is `remote "x"`.

    Raises ConfigError when a file is not in that format.
    """
    merged: dict[str, dict[str, str]] = {}
    for name in FILES:
        path = root / ".dvc" / name
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(path.read_text(encoding="utf-8") if path.exists() else "")
        except (OSError, ValueError, configparser.Error) as error:
            raise ConfigError(
                "cannot be read as DVC's settings", where=str(path), got=str(error)
            ) from error
        for section in parser.sections():
            values = {key: value.strip("\"'") for key, value in parser.items(section)}
            merged.setdefault(section.strip("'"), {}).update(values)
    return merged


def cache_directory(root: Path = Path()) -> Path:
    """Return DVC's local cache: cache.dir, relative to .dvc/, or .dvc/cache."""
    directory = settings(root).get("cache", {}).get("dir", "cache")
    return _beside_settings(root, directory)


def default_remote(root: Path = Path()) -> Remote:
    """Return the remote that core.remote names. Raises ConfigError when there is none."""
    found = settings(root)
    name = found.get("core", {}).get("remote", "")
    values = found.get(f'remote "{name}"', {})
    if "url" not in values:
        raise ConfigError(
            "no default remote",
            where=str(root / ".dvc" / "config"),
            expected="core.remote, and a remote of that name with its url",
            got=name or "no core.remote",
            fix="run 'dvc remote add --default local ../.remote'",
        )
    url = values["url"]
    return Remote(
        name=name,
        url=url,
        verify=values.get("verify", "").lower() == "true",
        directory=None if "://" in url else _beside_settings(root, url),
    )


def object_path(store: Path, md5: str) -> Path:
    """Return where a cache or a directory remote holds the object `md5` (which may end in .dir)."""
    return store / "files" / "md5" / md5[:2] / md5[2:]


def members(path: Path) -> list[tuple[str, str]]:
    """Return (md5, relative path) of each file that a directory object lists.

    Raises IntegrityError when it is not such a list.
    """
    try:
        entries: Any = json.loads(path.read_text(encoding="utf-8"))
        return [(str(entry["md5"]), str(entry["relpath"])) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            "is not a list of files",
            where=str(path),
            got=str(error),
            fix="run 'mooring cache check --remove'",
        ) from error


def _beside_settings(root: Path, path: str) -> Path:
    return Path(os.path.normpath(root / ".dvc" / path))
