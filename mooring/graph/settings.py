"""Where DVC keeps and pushes objects, by its own settings.

In: the settings of the system, the user, the repository and this clone. Out: directories and a remote.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mooring.errors import ConfigError, EnvironmentFault


@dataclass(frozen=True)
class Remote:
    """The default remote."""

    name: str
    url: str
    """A URL, or an absolute path."""
    verify: bool
    """Whether DVC checks the objects that it pulls."""
    directory: Path | None
    """None unless it is a directory on this machine."""


def settings(root: Path = Path()) -> dict[str, Any]:
    """Return DVC's settings as DVC reads them; `remote` maps a name to its values.

    Raises ConfigError if a file is invalid, EnvironmentFault if DVC cannot be imported.
    """
    try:
        # Not at the top, since doctor must start even if DVC is broken.
        dvc, voluptuous = import_module("dvc.config"), import_module("voluptuous")
    except ImportError as error:
        raise EnvironmentFault(
            "DVC cannot be imported", got=str(error), fix="run 'make .venv/ready'"
        ) from error
    try:
        return dict(dvc.Config(root / ".dvc"))
    except (dvc.ConfigError, voluptuous.Error) as error:
        raise ConfigError(
            "cannot be read as DVC's settings",
            where=f"{root / '.dvc' / 'config'}, or a file that adds to it",
            got=str(error),
            fix="correct the file: 'dvc config --list --show-origin' shows what each one sets",
        ) from error


def cache_directory(root: Path = Path()) -> Path:
    """Return DVC's local cache: cache.dir, or .dvc/cache."""
    return Path(settings(root)["cache"].get("dir") or root / ".dvc" / "cache")


def default_remote(root: Path = Path()) -> Remote:
    """Return the remote that core.remote names. Raises ConfigError if there is none."""
    dvc_settings = settings(root)
    name = dvc_settings["core"].get("remote", "")
    values = dvc_settings["remote"].get(name)
    if values is None:
        raise ConfigError(
            "no default remote",
            where=str(root / ".dvc" / "config"),
            expected="core.remote, and a remote of that name with its url",
            got=name or "no core.remote",
            fix="run 'dvc remote add --default local ../.remote'",
        )
    url = str(values["url"])
    return Remote(name, url, bool(values["verify"]), None if "://" in url else Path(url))
