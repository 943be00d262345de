"""The pool: alone at once, together as one batch, bounded, and each caller gets its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from mooring.config.serving import Admission
from mooring.serving.problems import Problem
from mooring.serving.scored import Asked
from mooring.serving.scoring.pool import OpenRequests, Pool

ADMISSION = Admission(
    open_requests=3,
    open_requests_per_client=2,
    client_header="x-client",
    waiting_requests=4,
    retry_after_s=7,
)


class Doubles:
    """Scores that are twice the rows."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows

    def part(self, start: int, end: int) -> Any:
        return np.array(self.rows[start:end], dtype=np.float64) * 2

    def tolist(self) -> Any:
        return self.part(0, len(self.rows)).tolist()


class Doubler:
    """A model that doubles, and remembers what it was asked at once."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.asked: list[Asked] = []

    def __call__(self, rows: list[Any], asked: Sequence[Asked]) -> Doubles:
        self.batches.append(len(rows))
        self.asked += asked
        return Doubles(rows)


def run(use: Callable[[Pool], Awaitable[Any]], model: Any) -> Any:
    async def main() -> Any:
        return await use(Pool(model, ADMISSION))

    return asyncio.run(main())


def test_a_request_alone_is_scored_on_the_spot() -> None:
    model = Doubler()

    async def use(pool: Pool) -> None:
        for number in range(3):
            score = pool.score([number], "r")
            with pytest.raises(StopIteration) as done:  # it never gives the loop a turn
                score.send(None)
            assert done.value.value.tolist() == [2 * number]
            await asyncio.sleep(0)

    run(use, model)
    assert model.batches == [1, 1, 1]


def test_those_of_one_turn_are_scored_as_one_batch_and_get_their_own() -> None:
    model = Doubler()

    async def use(pool: Pool) -> list[list[float]]:
        found = []
        for _ in range(2):
            answers = await asyncio.gather(*(pool.score([n, n + 10], "r") for n in range(4)))
            found.append([score for answer in answers for score in answer.tolist()])
        return found

    first, second = run(use, model)
    assert first == second == [0, 20, 2, 22, 4, 24, 6, 26]
    # The first of the first turn could not know that others would come.
    assert model.batches == [2, 6, 8]


def test_after_a_lone_turn_the_next_one_is_scored_on_the_spot_again() -> None:
    model = Doubler()

    async def use(pool: Pool) -> None:
        await asyncio.gather(pool.score([1], "r"), pool.score([2], "r"))
        await pool.score([3], "r")  # waits for the end of its turn
        await asyncio.sleep(0)
        with pytest.raises(StopIteration):
            pool.score([4], "r").send(None)

    run(use, model)
    assert model.batches == [1, 1, 1, 1]


def test_too_many_in_one_turn_are_refused_at_once() -> None:
    async def use(pool: Pool) -> list[Any]:
        asked = (pool.score([n], "r") for n in range(7))
        return await asyncio.gather(*asked, return_exceptions=True)

    found = run(use, Doubler())
    assert [answer.tolist() for answer in found[:5]] == [[0], [2], [4], [6], [8]]
    for problem in found[5:]:
        assert isinstance(problem, Problem)
        assert (problem.status, problem.detail) == (503, "4 requests are waiting already")
        assert problem.headers == ((b"retry-after", b"7"),)


def test_a_model_that_fails_fails_everyone_who_waits_and_nobody_later() -> None:
    calls = 0

    def model(rows: list[Any], asked: Sequence[Asked]) -> Doubles:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ValueError("no")
        return Doubles(rows)

    async def use(pool: Pool) -> list[Any]:
        found = await asyncio.gather(
            *(pool.score([n], "r") for n in range(3)), return_exceptions=True
        )
        return [*found, await pool.score([9], "r")]

    first, *failed, last = run(use, model)
    assert (first.tolist(), last.tolist()) == ([0], [18])
    assert [str(error) for error in failed] == ["no", "no"]


def test_a_client_that_hangs_up_takes_nothing_from_the_others() -> None:
    async def use(pool: Pool) -> Any:
        asked = [asyncio.ensure_future(pool.score([n], "r")) for n in range(3)]
        await asyncio.sleep(0)
        asked[1].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    first, gone, last = run(use, Doubler())
    assert (first.tolist(), last.tolist()) == ([0], [4])
    assert isinstance(gone, asyncio.CancelledError)


def test_the_model_hears_which_request_each_row_is_of() -> None:
    model = Doubler()

    async def use(pool: Pool) -> None:
        await asyncio.gather(*(pool.score([n] * (n + 1), f"r{n}") for n in range(3)))

    run(use, model)
    assert model.asked == [("r0", 1), ("r1", 2), ("r2", 3)]


def test_large_work_is_done_in_order_and_too_much_of_it_is_refused() -> None:
    done: list[int] = []

    async def use(pool: Pool) -> list[Any]:
        work = [pool.run(partial(done.append, number)) for number in range(6)]
        found = await asyncio.gather(*work, return_exceptions=True)
        assert pool.take_peak() == 4
        assert pool.take_peak() == 0
        return found

    found = run(use, Doubler())
    assert done == [0, 1, 2, 3]
    assert found[:4] == [None] * 4
    assert [problem.status for problem in found[4:]] == [503, 503]


def test_open_requests_are_bounded_in_all_and_for_each_client() -> None:
    requests = OpenRequests(ADMISSION)
    one, other = ({b"x-client": name} for name in (b"one", b"other"))
    entered = [requests.enter(one, None), requests.enter(one, None)]
    with pytest.raises(Problem) as caught:
        requests.enter(one, None)
    assert (caught.value.status, caught.value.headers) == (429, ((b"retry-after", b"7"),))
    entered.append(requests.enter(other, None))
    with pytest.raises(Problem) as caught:
        requests.enter({}, ("127.0.0.1", 1))
    assert caught.value.status == 503
    for client in entered:
        requests.leave(client)
    assert requests.n == 0
    assert requests.enter(one, None) == b"one"
