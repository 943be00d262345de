"""A store: a directory or an fsspec URL, in which parts are written atomically and verified when read.

In: `s3://bucket/prefix` or a path. Writes are atomic: a local file is renamed into place, an object
store's PUT is atomic. Credentials and endpoints come from the environment variables of the store's own
tools (for S3 AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and so on).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import fsspec

from mooring import files
from mooring.errors import EnvironmentFault
from mooring.records.parts import Part

# A dead store must not block a writer for botocore's default of five minutes.
OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {
        "config_kwargs": {
            "connect_timeout": 5,
            "read_timeout": 20,
            "retries": {"max_attempts": 1},
        },
        "use_listings_cache": False,
        "skip_instance_cache": True,
    }
}


class Store:
    """A directory or bucket of parts."""

    def __init__(self, url: str) -> None:
        self.url = url
        protocol = fsspec.utils.get_protocol(url)
        try:
            self._files, self._root = fsspec.core.url_to_fs(url, **OPTIONS.get(protocol, {}))
        except (ImportError, ValueError) as error:
            raise EnvironmentFault(
                "is not a reachable store",
                where=url,
                got=str(error),
                fix="give --store or MOORING_STORE a directory, or a URL whose fsspec driver is installed",
            ) from error
        self._local = protocol in ("file", "local")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the driver's open connections (s3fs)."""
        session = getattr(self._files, "_s3", None)
        if session is not None:
            self._files.close_session(self._files.loop, session)

    def put(self, directory: str, part: Part, content: bytes) -> None:
        """Write one part below `directory`. Putting the same part again changes nothing.

        Raises OSError when the store refuses or does not answer.
        """
        path = f"{self._root}/{directory}/{part}"
        with _os_errors(path):
            if self._local:
                files.write_bytes(path, content)
            else:
                self._files.pipe_file(path, content)

    def remove(self, directory: str, part: Part) -> None:
        """Remove one part, if it exists. Raises OSError like `put`."""
        path = f"{self._root}/{directory}/{part}"
        with suppress(FileNotFoundError), _os_errors(path):
            self._files.rm_file(path)

    def directories(self, directory: str = "") -> list[str]:
        """Return the names of the directories below `directory`, sorted."""
        return sorted(
            _last(entry["name"]) for entry in self._list(directory) if entry["type"] == "directory"
        )

    def parts(self, directory: str) -> list[Part]:
        """Return the parts in `directory`, sorted by stream and number."""
        names = (_last(entry["name"]) for entry in self._list(directory))
        return sorted(part for part in map(Part.parse, names) if part)

    def newest(self, directory: str = "") -> float | None:
        """Return when a file was last put below `directory`, in seconds since 1970, by the store's clock.

        None if there are no files. Raises EnvironmentFault when the store does not report it.
        """
        path = f"{self._root}/{directory}".rstrip("/")
        details: dict[str, dict[str, Any]] = {}
        with suppress(FileNotFoundError), _readable(path), _os_errors(path):
            details = self._files.find(path, detail=True)
        # An unfinished local file starts with a dot.
        entries = [entry for name, entry in details.items() if not _last(name).startswith(".")]
        return max(map(_put_at, entries), default=None)

    def read(self, directory: str, part: Part) -> bytes:
        """Return the bytes of a part.

        Raises IntegrityError when they do not match its name, EnvironmentFault when the store cannot
        be read.
        """
        path = f"{self._root}/{directory}/{part}"
        with _readable(path), _os_errors(path):
            content: bytes = Path(path).read_bytes() if self._local else self._files.cat_file(path)
        part.check(content, path)
        return content

    def _list(self, directory: str) -> Iterator[dict[str, Any]]:
        path = f"{self._root}/{directory}".rstrip("/")
        with suppress(FileNotFoundError), _readable(path), _os_errors(path):
            yield from self._files.ls(path, detail=True)


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Turn a store's read errors into EnvironmentFault, but keep FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise EnvironmentFault(
            "cannot be read",
            where=path,
            got=str(error),
            fix="check --store or MOORING_STORE, the store's credentials, and that the store answers",
        ) from error


@contextmanager
def _os_errors(path: str) -> Iterator[None]:
    """Turn a driver's own errors into OSError."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{path}: {error}") from error


def _put_at(entry: Mapping[str, Any]) -> float:
    """Return when a file was put: `mtime` in a directory, in seconds, `LastModified` in S3."""
    modified = entry.get("mtime", entry.get("LastModified"))
    if isinstance(modified, datetime):
        return modified.timestamp()
    if isinstance(modified, int | float):
        return float(modified)
    raise EnvironmentFault(
        "the store does not report when a file was put", where=str(entry["name"])
    )


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
