"""Write files atomically, so that a reader sees the old bytes or the new ones, and hash files.

Everything that Mooring writes goes through `replacing` or `replacing_directory`.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mooring.errors import IntegrityError

SHORT = 12


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success fsync it and rename it over `path`.

    An exception, or a kill, leaves the old file as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        _fsync(temporary)
        temporary.replace(path)
        _fsync(path.parent)
    except OSError as error:
        error.filename = error.filename or str(path)  # a write that fails does not name its file
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_directory(path: Path | str) -> Iterator[Path]:
    """Yield a temporary directory beside `path`; on success it takes the place of `path`.

    An exception, or a kill while it is filled, leaves the old directory as it was. Concurrent writers
    take turns, and the last one wins.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    old = path.with_name(f".{path.name}.{os.getpid()}.old.tmp")
    for left in (temporary, old):
        shutil.rmtree(left, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        for file in sorted(temporary.rglob("*")):
            if file.is_file():
                _fsync(file)
        while not _took_place(temporary, path, old):
            pass
        _fsync(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _took_place(temporary: Path, path: Path, old: Path) -> bool:
    """Move `path` to `old` and `temporary` to `path`; return False if another writer got there first."""
    with suppress(FileNotFoundError):
        path.replace(old)  # aside, since removing it file by file could stop half-way
    try:
        temporary.replace(path)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        shutil.rmtree(old, ignore_errors=True)
        return False
    return True


def write_text(path: Path | str, text: str) -> None:
    """Replace the file with `text`, in UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path | str, content: bytes) -> None:
    """Replace the file with `content`."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path | str, value: Any) -> None:
    """Replace the file with `value` as indented JSON with sorted keys.

    Raises ValueError for NaN and infinity, which JSON cannot hold.
    """
    write_text(path, json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n")


def read_bytes(path: Path | str, fix: str) -> bytes:
    """Return the content of a file. Raises IntegrityError, with the `fix`, when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise IntegrityError(
            "cannot be read", where=str(path), got=error.strerror or str(error), fix=fix
        ) from error


def read_json(path: Path | str) -> Any:
    """Read one JSON file. Raises IntegrityError when it is missing or not JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IntegrityError(
            "cannot be read as JSON", where=str(path), got=str(error), fix="run 'dvc repro'"
        ) from error


def sha256_bytes(content: bytes) -> str:
    """Return the sha256 of `content`, in hex."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path | str) -> str:
    """Return the sha256 of a file, in hex, reading it in pieces."""
    return _digest(Path(path), "sha256")


def md5_file(path: Path | str) -> str:
    """Return the md5 of a file, in hex: DVC's name for its content, not safe against tampering."""
    return _digest(Path(path), "md5")


def short(digest: str) -> str:
    """Return the first digits of a digest, as people read it and name it."""
    return digest[:SHORT]


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(
            file, lambda: hashlib.new(algorithm, usedforsecurity=False)
        ).hexdigest()


def sha256_tree(directory: Path | str) -> str:
    """Return the sha256 of a directory: of its sorted lines `sha256  relative/path`."""
    return sha256_lines(sha256_files(directory))


def sha256_files(directory: Path | str) -> dict[str, str]:
    """Return the sha256 of each file below a directory, by relative path, sorted by path."""
    directory = Path(directory)
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): sha256_file(path) for path in files}


def sha256_lines(digests: Mapping[str, str]) -> str:
    """Return one sha256 over lines `sha256  path`, given the sha256 of each path."""
    lines = [f"{digest}  {path}\n" for path, digest in digests.items()]
    return sha256_bytes("".join(lines).encode())
