"""The pace of a replay: a number of days per second, or as fast as the scorer answers."""

import asyncio
import time

DAY_S = 86400.0


class Pace:
    """The clock of one run; it starts at the first wait."""

    def __init__(self, days_per_s: float | None) -> None:
        """Days per second; None is as fast as possible."""
        self._days_per_s = days_per_s
        self._began: tuple[float, float] | None = None

    def now(self) -> float:
        """Return the time of the clock, in seconds since 1970.

        Infinity at full speed, or before the first wait.
        """
        if self._days_per_s is None or self._began is None:
            return float("inf")
        start, at = self._began
        return at + (time.perf_counter() - start) * self._days_per_s * DAY_S

    async def wait(self, at: float) -> float:
        """Wait until the clock shows `at`; return from when the latency of its request counts (perf_counter).

        If every connection was busy when the row was due, the latency counts from the due time (else a
        stalled scorer would hide the delay: coordinated omission). If this call waited, it counts from
        the wake-up, since event-loop timers are rounded to a millisecond.
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
