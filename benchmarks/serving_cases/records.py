"""The scorer's counts of the rows that it records in the background."""

import re
import time

from benchmarks.serving_peers.running import Running

SETTLE_S = 30
POLL_S = 0.2


def settle(running: Running) -> None:
    """Wait until every scored row is recorded or dropped, for at most `SETTLE_S`."""
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end:
        scored, written, dropped = _counts(running)
        if written + dropped >= scored:
            return
        time.sleep(POLL_S)


def recorded(running: Running) -> str:
    """Return a sentence on how many of the rows that the server scored so far were recorded and dropped."""
    scored, written, dropped = _counts(running)
    return (
        f"So far, {running.name} has scored {scored:,.0f} rows, recorded {written:,.0f} and "
        f"dropped {dropped:,.0f}."
    )


def n_dropped(running: Running) -> float:
    """Return how many of the rows that the server scored so far it did not record."""
    return _counts(running)[2]


def _counts(running: Running) -> tuple[float, float, float]:
    text = running.get("/metrics")
    scored, written, dropped = (
        sum(map(float, re.findall(rf"^scorer_{name}_total(?:{{.*}})? (\S+)$", text, re.MULTILINE)))
        for name in ("rows", "recorded_rows", "dropped_rows")
    )
    return scored, written, dropped
