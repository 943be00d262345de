"""Find corrupt objects of a DVC store, and leftovers of broken writes.

DVC trusts every read-only object: a corrupt one is checked out, reported as up to date and pushed.
In: a cache or a directory remote, and dvc.lock. Out: the corrupt objects and the leftovers.
"""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from mooring import files
from mooring.errors import IntegrityError
from mooring.graph.cache import members, object_path
from mooring.machine.progress import Progress

LOCK = Path("dvc.lock")
NAME = re.compile(r"[0-9a-f]{32}(\.dir)?")
STALE_S = 60.0
"""A temporary file untouched for longer does not belong to a running write."""


@dataclass(frozen=True)
class Corrupt:
    """An object whose bytes do not hash to its name."""

    name: str
    got: str
    size: int
    path: Path
    outputs: tuple[Path, ...]
    """The outputs that dvc.lock records with this hash."""
    copies: tuple[Path, ...]
    """The outputs whose copy in the workspace has the corrupt bytes too."""


@dataclass(frozen=True)
class Scan:
    """The result of checking a store."""

    n_objects: int
    corrupt: tuple[Corrupt, ...]
    temporaries: tuple[Path, ...]


def check(store: Path, cache: Path, root: Path = Path()) -> Scan:
    """Hash every object of `store`; name outputs by dvc.lock and the directories in `cache`."""
    outputs = locked_outputs(cache, root)
    objects = list(_objects(store))
    corrupt = []
    with Progress(f"checking {store}", len(objects), "object") as progress:
        for done, (name, path) in enumerate(objects, 1):
            got = files.md5_file(path)
            if got != name.removesuffix(".dir"):
                paths = tuple(outputs.get(name, ()))
                copies = tuple(copy for copy in paths if _has(root / copy, got))
                corrupt.append(Corrupt(name, got, path.stat().st_size, path, paths, copies))
            progress.reach(done, f"{len(corrupt)} corrupt" if corrupt else "")
    return Scan(len(objects), tuple(corrupt), tuple(_temporaries(store)))


def remove(findings: Scan, root: Path = Path()) -> None:
    """Delete corrupt objects, their copies in the workspace, and leftovers.

    A copy must go too, or DVC would take it for the good one and never fix it.
    """
    for corrupt in findings.corrupt:
        for path in (corrupt.path, *(root / copy for copy in corrupt.copies)):
            path.unlink(missing_ok=True)
    for path in findings.temporaries:
        path.unlink(missing_ok=True)


def locked_outputs(cache: Path, root: Path = Path()) -> dict[str, list[Path]]:
    """Return the paths of every object that dvc.lock mentions, members of directories too.

    Raises IntegrityError if dvc.lock exists but is invalid.
    """
    path = root / LOCK
    if not path.exists():
        return {}
    try:
        stages = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["stages"]
        outs = [out for stage in stages.values() for out in stage.get("outs", [])]
        pairs = [(out["md5"], Path(out["path"])) for out in outs if "md5" in out]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise IntegrityError(
            "cannot be read", where=str(path), got=str(error), fix="run 'git checkout dvc.lock'"
        ) from error
    return _by_name([*pairs, *_members(cache, pairs)])


def _by_name(pairs: Iterable[tuple[str, Path]]) -> dict[str, list[Path]]:
    paths: dict[str, list[Path]] = {}
    for md5, path in pairs:
        paths.setdefault(md5, []).append(path)
    return paths


def _members(cache: Path, pairs: list[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    for directory, path in pairs:
        listing = object_path(cache, directory)
        if directory.endswith(".dir") and _has(listing, directory.removesuffix(".dir")):
            yield from ((md5, path / name) for md5, name in members(listing))


def _has(path: Path, md5: str) -> bool:
    return path.is_file() and files.md5_file(path) == md5


def _objects(store: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted((store / "files" / "md5").glob("[0-9a-f][0-9a-f]/*")):
        name = path.parent.name + path.name
        if NAME.fullmatch(name):
            yield name, path


def _temporaries(store: Path) -> Iterator[Path]:
    now = time.time()
    for path in sorted(store.rglob("*.tmp")):
        if path.is_file() and now - path.stat().st_mtime > STALE_S:
            yield path
