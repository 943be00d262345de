"""How fast the clock of the rows runs: so many of their days in a second, or as fast as they are taken."""

import asyncio
import time

DAY_S = 86400.0


class Pace:
    """The clock of one run; it starts with the first row that is waited for."""

    def __init__(self, days_per_s: float | None) -> None:
        """None is as fast as possible."""
        self._days_per_s = days_per_s
        self._began: tuple[float, float] | None = None

    def now(self) -> float:
        """Return what the clock shows, in seconds since 1970.

        It is infinity where the clock runs as fast as possible, or nothing was waited for.
        """
        if self._days_per_s is None or self._began is None:
            return float("inf")
        start, at = self._began
        return at + (time.perf_counter() - start) * self._days_per_s * DAY_S

    async def wait(self, at: float) -> float:
        """Wait until the clock shows `at`; return when its request is late from, by perf_counter.

        Where all were busy when a row was due, its latency counts from then (else a scorer that stalls
        would hide what it kept from being sent); where one waited, from when it woke, since the timers
        of an event loop round to a millisecond.
        """
        now = time.perf_counter()
        if self._days_per_s is None:
            return now
        start, first = self._began = self._began or (now, at)
        due = start + (at - first) / DAY_S / self._days_per_s
        if due <= now:
            return due
        await asyncio.sleep(due - now)
        return time.perf_counter()
