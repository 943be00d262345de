"""The names of stored files: unique to their writer, and with the sha256 of their content.

`<stream>.<number>.<sha256><suffix>`: a stream is one run of one writer; its parts are numbered from 1; the
sha256 of the content is checked before anything parses the file.
"""

import re
from typing import NamedTuple, Self

from mooring.errors import IntegrityError
from mooring.files import sha256_bytes

NAME = re.compile(r"([A-Za-z0-9-]{1,100})\.([0-9]{6,12})\.([0-9a-f]{64})(\.[a-z]{1,10})")


class Part(NamedTuple):
    """The parsed name of a stored file."""

    stream: str
    number: int
    sha256: str
    suffix: str

    @classmethod
    def of(cls, stream: str, number: int, content: bytes, suffix: str) -> Self:
        """Return the name of `content`, the part `number` of a stream."""
        return cls(stream, number, sha256_bytes(content), suffix)

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """Parse a file's name, None if it is not the name of a part."""
        found = NAME.fullmatch(name)
        return cls(found[1], int(found[2]), found[3], found[4]) if found else None

    def __str__(self) -> str:
        return f"{self.stream}.{self.number:06d}.{self.sha256}{self.suffix}"

    def check(self, content: bytes, where: str) -> None:
        """Raise IntegrityError unless `content`, read from `where`, matches the sha256 in the name."""
        digest = sha256_bytes(content)
        if digest != self.sha256:
            raise IntegrityError(
                "is corrupt: its content does not match its name",
                where=where,
                expected=f"sha256 {self.sha256}",
                got=f"sha256 {digest}, {len(content)} bytes",
                fix="restore the file from a backup, or move it out of the store",
            )
