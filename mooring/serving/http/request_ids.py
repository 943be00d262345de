"""What a request is called: the id that its client gave, or one of our own."""

import itertools
import os
import re

GIVEN = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


class RequestIds:
    """Ids that no other worker or restart gives: random once, then counted."""

    def __init__(self) -> None:
        self._start = os.urandom(8).hex().encode()
        self._numbers = itertools.count(1)

    def of(self, headers: dict[bytes, bytes]) -> bytes:
        """Return the x-request-id of a request if it is a plain word, else a new one."""
        given = headers.get(b"x-request-id")
        if given is not None and GIVEN.fullmatch(given):
            return given
        return b"%s-%x" % (self._start, next(self._numbers))
