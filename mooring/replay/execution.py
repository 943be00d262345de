"""Replay one plan: send unanswered requests, deliver delayed labels, and compute the figures.

In: a Plan, the scorer's address, how fast to send. Out: Figures, over all runs of the plan so far.
"""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvloop

from mooring.machine.progress import Progress
from mooring.records.labels import DIRECTORY
from mooring.records.store import Store
from mooring.replay.arrivals import arrivals
from mooring.replay.delivery import LateLabels
from mooring.replay.journal import AnsweredRequest, Journal
from mooring.replay.pace import Pace
from mooring.replay.plan import Plan, Survey
from mooring.replay.summary import Figures, latencies_ms, rows_by_status
from mooring.replay.traffic.address import Address
from mooring.replay.traffic.feed import Feed
from mooring.replay.traffic.sender import Sender, SendOptions

JOURNALS = Path(".mooring/replay")
TICK_S = 0.2


@dataclass(frozen=True)
class How:
    """How a plan is sent; these settings do not change the requests."""

    address: Address
    terms: SendOptions
    days_per_s: float | None
    """Days of the rows' time per second; None is as fast as the scorer answers."""
    shows_progress: bool
    restart: bool
    """Forget earlier runs."""


@dataclass(frozen=True)
class LabelPlan:
    """Where labels are written, and how long after its row each arrives."""

    store_url: str
    delay: timedelta


def replay(plan: Plan, how: How, late: LabelPlan | None) -> tuple[Figures, str]:
    """Send the unanswered requests of a plan.

    Return the figures, and why it ended early, "" if it did not. Raises DataError for a plan without
    rows, EnvironmentFault when the store refuses the labels.
    """
    survey = plan.survey()
    with ExitStack() as stack:
        labels = stack.enter_context(_labels(plan, late)) if late else None
        journal = stack.enter_context(
            Journal(JOURNALS / plan.digest, plan.facts, restart=how.restart)
        )
        before = journal.answers
        run = _Run(plan, survey, how, journal, labels)
        start = time.perf_counter()
        uvloop.run(run.run())
        seconds = time.perf_counter() - start
        answers = journal.read()
    figures = Figures(
        rows=survey.n_rows,
        rows_by_status=rows_by_status(answers),
        n_requests=len(answers),
        latency_ms=latencies_ms(answers),
        n_busy=run.sender.n_busy,
        n_cut=int((answers["cuts"] > 0).sum()),
        details=run.sender.details,
        rows_s=float(answers["rows"].sum() - before["rows"].sum()) / seconds,
        seconds=seconds,
        labels=None if labels is None else labels.n_rows,
        touched=survey.touched,
    )
    return figures, run.stopped


@contextmanager
def _labels(plan: Plan, late: LabelPlan) -> Iterator[LateLabels]:
    with Store(late.store_url) as store:
        store.directories(DIRECTORY)  # raises if the store is unreachable, before any row is sent
        coming = arrivals(plan.rows, plan.data, plan.window, late.delay)
        yield LateLabels(store, f"replay-{plan.digest[:20]}", coming)


class _Run:
    """One run of a plan."""

    def __init__(
        self,
        plan: Plan,
        survey: Survey,
        how: How,
        journal: Journal,
        labels: LateLabels | None,
    ) -> None:
        self._plan, self._n_rows, self._journal, self._labels = plan, survey.n_rows, journal, labels
        self._answered = journal.answered(plan.n_requests(survey))
        self._done = int(journal.answers["rows"].sum())
        self._pace = Pace(how.days_per_s)
        self._shows = how.shows_progress
        self._interrupted = False
        self._name = f"{plan.digest[:20]}-{journal.run}"
        self.sender = Sender(how.address, how.terms, self._pace, self._keep, self._id)

    @property
    def stopped(self) -> str:
        """Why the run ended early, '' if it did not."""
        return self.sender.gave_up or ("by a signal" if self._interrupted else "")

    async def run(self) -> None:
        """Send requests and deliver labels; return when all are done, or at a signal."""
        loop = asyncio.get_running_loop()
        for signalled in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signalled, self._interrupt)
        sending = asyncio.create_task(self.sender.run(Feed(self._plan.requests(self._answered))))
        with Progress("replay", self._n_rows, "row") as progress:
            while not sending.done():
                await asyncio.wait([sending], timeout=TICK_S)
                if self._shows:
                    progress.reach(self._done)
                await self._deliver(min(self.sender.answered_until(), self._pace.now()))
            await sending
            while self._labels is not None and self._labels.outstanding and not self.stopped:
                await self._deliver(self._pace.now())
                if self._labels.outstanding:
                    await asyncio.sleep(TICK_S)

    async def _deliver(self, clock: float) -> None:
        if self._labels is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._labels.put_until, clock)

    def _interrupt(self) -> None:
        """Stop gracefully; a second signal has its default effect."""
        self._interrupted = True
        self.sender.stop()
        for signalled in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(signalled)

    def _keep(self, answer: AnsweredRequest) -> None:
        self._journal.append(answer)
        self._done += answer.rows

    def _id(self, number: int) -> str:
        return f"{self._name}-{number}"
