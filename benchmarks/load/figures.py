"""The results of one stretch of load on one server."""

import math
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Load:
    """Throughput and latency of one stretch."""

    requests_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    n_errors: int
    """Answers other than 2xx, and requests that were never answered."""
    cpu_us: float = math.nan
    """Processor time of the server for each request, in all its processes."""


@dataclass(frozen=True)
class Bodies:
    """The bodies that are posted to one path in turn, each a file, for both generators."""

    path: str
    content_type: str
    files: tuple[Path, ...]
    n_rows: int
    """Rows in each body."""

    @classmethod
    def write(
        cls, directory: Path, path: str, content_type: str, contents: list[bytes], n_rows: int
    ) -> "Bodies":
        """Write one file for each body."""
        directory.mkdir(parents=True)
        files = [directory / f"{number:03d}" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        return cls(path, content_type, tuple(files), n_rows)

    def requests(self, port: int) -> list[bytes]:
        """Return each body as one whole HTTP/1.1 request."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
            f"content-type: {self.content_type}\r\ncontent-length: "
        ).encode()
        contents = [file.read_bytes() for file in self.files]
        return [b"%s%d\r\n\r\n%s" % (head, len(content), content) for content in contents]
