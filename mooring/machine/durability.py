"""Make DVC write its own small files atomically, so that a kill never truncates one.

DVC rewrites dvc.lock and .dvc/tmp/rwlock in place, many times a run. A kill in between leaves a file
that DVC cannot read, and then every later `dvc repro` fails until somebody deletes or restores it.
`install` makes DVC (pinned in pyproject.toml) write a temporary file and rename it. The Makefile copies
this file into the environment, where a .pth file calls `install` whenever Python starts. So it imports
nothing of Mooring, and only adds an import hook, which costs nothing until DVC's file system is loaded.
"""

import importlib.machinery
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

MODULE = "dvc_objects.fs.local"
NAMES = frozenset({"dvc.lock", "rwlock"})


def install() -> None:
    """Patch DVC's local file system on import, so that it opens NAMES for atomic replacement."""
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds MODULE like Python does, but with a loader that patches it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None:
            return None
        spec.loader = _Loader(name, spec.origin)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        files: Any = module.__dict__["FsspecLocalFileSystem"]
        plain = files.open

        def durable(self: Any, path: Any, mode: str = "r", **options: Any) -> Any:
            if mode[0] == "w" and os.path.basename(path) in NAMES:
                return _Replacement(plain, self, os.fspath(path), mode, options)
            return plain(self, path, mode, **options)

        files.open = durable


class _Replacement:
    """An open file beside `path`, which takes its place when it is closed without an exception."""

    def __init__(self, plain: Any, files: Any, path: str, mode: str, options: Any) -> None:
        directory, name = os.path.split(path)
        self.path, self.temporary = path, os.path.join(directory, f".{name}.{os.getpid()}.tmp")
        self.file = plain(files, self.temporary, mode, **options)

    def __enter__(self) -> Any:
        return self.file

    def __exit__(self, kind: Any, *_: Any) -> None:
        self.file.close()
        if kind is None:
            os.replace(self.temporary, self.path)
        else:
            os.unlink(self.temporary)
