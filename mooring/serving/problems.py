"""The answer to a request that is refused or fails: problem details, as in RFC 9457.

Out: a Problem, which is raised anywhere below the front and becomes a response there.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

MEDIA_TYPE = b"application/problem+json"
MAX_ERRORS = 20
TITLES = {
    400: "The body cannot be read",
    404: "Not found",
    405: "The method is not allowed",
    408: "The body took too long",
    413: "The body is too large",
    415: "The content type is not supported",
    422: "The rows break a rule",
    429: "Too many open requests",
    431: "The headers are too large",
    500: "The scorer failed",
    503: "The scorer cannot answer now",
}


@dataclass(frozen=True)
class Violation:
    """One value that breaks one rule."""

    row: int | None
    column: str
    rule: str
    value: str


class Problem(Exception):  # noqa: N818 - the term of RFC 9457
    """A refusal: its HTTP status, one sentence, and, for rows, which values break which rule."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: tuple[Violation, ...] = (),
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors, headers

    def body(self, request_id: str) -> bytes:
        """Return the response's JSON."""
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.errors:
            content["errors"] = self.errors
        return msgspec.json.encode(content)
