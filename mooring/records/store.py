"""A store: a directory, or any URL that fsspec knows, in which parts are put whole and read checked.

In: `s3://bucket/prefix` or a path. A part appears whole or not at all: a local file is renamed into
its place, an object store's PUT is atomic. Credentials and endpoints come from the environment, as the
store's own tools read them (for S3 AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and so on).
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

# A dead store must not hold a writer for botocore's five minutes.
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
    """One place for parts."""

    def __init__(self, url: str) -> None:
        self.url = url
        protocol = fsspec.utils.get_protocol(url)
        try:
            self._files, self._root = fsspec.core.url_to_fs(url, **OPTIONS.get(protocol, {}))
        except (ImportError, ValueError) as error:
            raise EnvironmentFault(
                "is no store that can be reached",
                where=url,
                got=str(error),
                fix="give --store or MOORING_STORE a directory, or a URL whose fsspec driver is installed",
            ) from error
        self._local = protocol in ("file", "local")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of a driver that keeps some open (s3fs)."""
        session = getattr(self._files, "_s3", None)
        if session is not None:
            self._files.close_session(self._files.loop, session)

    def put(self, directory: str, part: Part, content: bytes) -> None:
        """Write one part below `directory`. Putting the same part again changes nothing.

        Raises OSError where the store refuses or does not answer.
        """
        path = f"{self._root}/{directory}/{part}"
        with _os_errors(path):
            if self._local:
                files.write_bytes(path, content)
            else:
                self._files.pipe_file(path, content)

    def remove(self, directory: str, part: Part) -> None:
        """Remove one part; one that is gone already is no error. Raises OSError as put does."""
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

        None where it holds none. Raises EnvironmentFault where the store does not tell.
        """
        path = f"{self._root}/{directory}".rstrip("/")
        found: dict[str, dict[str, Any]] = {}
        with suppress(FileNotFoundError), _readable(path), _os_errors(path):
            found = self._files.find(path, detail=True)
        # A local file under way begins with a point.
        entries = [entry for name, entry in found.items() if not _last(name).startswith(".")]
        return max(map(_put_at, entries), default=None)

    def read(self, directory: str, part: Part) -> bytes:
        """Return the bytes of a part.

        Raises IntegrityError unless they are what its name says, EnvironmentFault where the store
        does not give them.
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
    """Turn what a store refuses to be read into the error of a command; what is not there stays so."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise EnvironmentFault(
            "cannot be read",
            where=path,
            got=str(error),
            fix="check --store or MOORING_STORE, the store's credentials and that it answers",
        ) from error


@contextmanager
def _os_errors(path: str) -> Iterator[None]:
    """Turn what a driver raises into OSError: each has errors of its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{path}: {error}") from error


def _put_at(entry: Mapping[str, Any]) -> float:
    """Return when a file was put: a directory says `mtime`, in seconds, S3 `LastModified`."""
    modified = entry.get("mtime", entry.get("LastModified"))
    if isinstance(modified, datetime):
        return modified.timestamp()
    if isinstance(modified, int | float):
        return float(modified)
    raise EnvironmentFault("the store does not tell when a file was put", where=str(entry["name"]))


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
