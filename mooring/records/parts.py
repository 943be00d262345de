"""How a stored file is named, so that its name proves its bytes and no other writer has it.

`<stream>.<number>.<sha256><suffix>`: a stream is one writer's, from its start to its end; its parts are
numbered from 1; the sha256 is the content's, and is checked before anything parses the file.
"""

import re
from typing import NamedTuple, Self

from mooring.errors import IntegrityError
from mooring.files import sha256_bytes

NAME = re.compile(r"([A-Za-z0-9-]{1,100})\.([0-9]{6,12})\.([0-9a-f]{64})(\.[a-z]{1,10})")


class Part(NamedTuple):
    """One stored file's name, taken apart."""

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
        """Return the part that a file's name says, None where it is no part's name."""
        found = NAME.fullmatch(name)
        return cls(found[1], int(found[2]), found[3], found[4]) if found else None

    def __str__(self) -> str:
        return f"{self.stream}.{self.number:06d}.{self.sha256}{self.suffix}"

    def check(self, content: bytes, where: str) -> None:
        """Raise IntegrityError unless `content`, read from `where`, is what the name says."""
        digest = sha256_bytes(content)
        if digest != self.sha256:
            raise IntegrityError(
                "is not what its name says",
                where=where,
                expected=f"sha256 {self.sha256}",
                got=f"sha256 {digest}, {len(content)} bytes",
                fix="restore the file from a copy, or move it out of the store",
            )
