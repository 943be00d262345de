"""The id of a request: the one that its client gave, or a new one."""

import itertools
import os
import re

GIVEN = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


class RequestIds:
    """Ids that are unique across workers and restarts: a random start, then a counter."""

    def __init__(self) -> None:
        self._start = os.urandom(8).hex().encode()
        self._numbers = itertools.count(1)

    def of(self, headers: dict[bytes, bytes]) -> bytes:
        """Return the x-request-id of a request if it is valid, else a new one."""
        given = headers.get(b"x-request-id")
        if given is not None and GIVEN.fullmatch(given):
            return given
        return b"%s-%x" % (self._start, next(self._numbers))
