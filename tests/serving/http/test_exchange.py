"""Reading a body, in a loop whose clock is made coarse."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from mooring.config.serving import Limits
from mooring.serving.http.exchange import read_body
from mooring.serving.problems import Problem

SCOPE: dict[str, Any] = {"headers": []}


async def never() -> MutableMapping[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


def limits(body_timeout_s: float) -> Limits:
    return Limits(body_bytes=1024, rows=1, body_timeout_s=body_timeout_s)


def test_a_slow_body_is_refused_even_where_the_timer_runs_a_little_early() -> None:
    async def read() -> None:
        loop: Any = asyncio.get_running_loop()
        loop._clock_resolution = 0.5  # whenever it wakes, it runs what is due within that
        loop.call_later(0.01, int)
        await read_body(SCOPE, never, limits(0.2))

    with pytest.raises(Problem) as refused:
        asyncio.run(read())
    assert refused.value.status == 408


def test_a_reader_that_is_cancelled_stays_cancelled() -> None:
    async def read() -> None:
        reading = asyncio.create_task(read_body(SCOPE, never, limits(60)))
        await asyncio.sleep(0.01)
        reading.cancel()
        await reading

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(read())
