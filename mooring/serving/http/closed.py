"""The answers of a bento that does not match its seal: alive, never ready, and why."""

from mooring.serving.http.exchange import Receive, Scope, Send, answer
from mooring.serving.problems import MEDIA_TYPE, Problem


class Closed:
    """An ASGI application that is alive and refuses everything else."""

    def __init__(self, lifecycle: object, reason: str) -> None:
        self._lifecycle, self._reason = lifecycle, reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200 on /livez and /metrics, 503 with the reason on every other path."""
        if scope["type"] != "http" or scope["path"] in ("/livez", "/metrics"):
            await self._lifecycle(scope, receive, send)  # type: ignore[operator]
            return
        content = Problem(503, self._reason).body("")
        head = [(b"content-type", MEDIA_TYPE), (b"content-length", b"%d" % len(content))]
        await answer(send, 503, head, content)
