"""Prepare requests one chunk ahead in a thread, so that reading Parquet does not block the event loop."""

import asyncio
from collections import deque
from collections.abc import Iterator

from mooring.replay.requests import Request


class Feed:
    """Requests in order, for any number of takers on one event loop."""

    def __init__(self, chunks: Iterator[list[Request]]) -> None:
        self._chunks = chunks
        self._ready: deque[Request] = deque()
        self._lock = asyncio.Lock()
        self._ahead = self._make()

    async def take(self) -> Request | None:
        """Return the next request, None after the last. Raises any error of preparing it."""
        while not self._ready:
            async with self._lock:
                if self._ready:
                    break
                # A cancelled consumer must not lose the chunk.
                chunk = await asyncio.shield(self._ahead)
                if chunk is None:
                    return None
                self._ready.extend(chunk)
                self._ahead = self._make()
        return self._ready.popleft()

    def _make(self) -> asyncio.Future[list[Request] | None]:
        return asyncio.get_running_loop().run_in_executor(None, next, self._chunks, None)
