"""Where DVC's cache or a remote holds an object, and which files a directory object lists."""

import json
from pathlib import Path
from typing import Any

from mooring.errors import IntegrityError


def object_path(store: Path, md5: str) -> Path:
    """Return where a cache or a directory remote holds the object `md5` (which may end in .dir)."""
    return store / "files" / "md5" / md5[:2] / md5[2:]


def members(path: Path) -> list[tuple[str, str]]:
    """Return (md5, relative path) of each file that a directory object lists.

    Raises IntegrityError if it is not such a list.
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
