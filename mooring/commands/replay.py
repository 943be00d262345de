"""mooring replay: send the rows of some days to a scorer as traffic; exit 1 unless all were scored."""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import uvloop

from mooring.bento.request import YEARS
from mooring.config.data import Data
from mooring.config.load import load
from mooring.errors import ConfigError
from mooring.machine.progress import Progress
from mooring.records.labels import DIRECTORY
from mooring.records.location import location
from mooring.records.store import Store
from mooring.replay.arrivals import arrivals
from mooring.replay.delivery import LateLabels
from mooring.replay.durations import duration
from mooring.replay.faults import FORMS, SHARE, parse
from mooring.replay.figures import Figures, latencies_ms, rows_by_status
from mooring.replay.journal import Answer, Journal
from mooring.replay.pace import Pace
from mooring.replay.plan import Plan, Survey
from mooring.replay.rows import Window, time_of
from mooring.replay.traffic.address import Address, address_of
from mooring.replay.traffic.feed import Feed
from mooring.replay.traffic.sender import Sender, Terms

ROWS = Path("data/rows.parquet")
JOURNALS = Path(".mooring/replay")
TICK_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    day = date.fromisoformat
    add("--from", type=day, metavar="DAY", dest="first", required=True, help="first day to send")
    add("--to", type=day, metavar="DAY", dest="last", required=True, help="last day to send")
    add("--url", default="http://127.0.0.1:3000", help="of the scorer (default: %(default)s)")
    add("--speed", type=_speed, default=None, help="days a second, or max (default: max)")
    add(
        "--concurrency", type=_count, default=16, metavar="N", help="requests at once (default: 16)"
    )
    add("--batch", type=_count, default=1, metavar="N", help="rows in a request (default: 1)")
    add("--rows", type=Path, default=ROWS, help="Parquet file of rows (default: %(default)s)")
    add(
        "--label-delay",
        type=_delay,
        metavar="TIME",
        help="write labels to the store, each so long after its row, such as 1d (default: none)",
    )
    add("--store", help="of the labels (default: $MOORING_STORE, else .mooring/store)")
    add(
        "--fault",
        action="append",
        default=[],
        help=f"{'; '.join(FORMS.values())}; {SHARE}; may be given again",
    )
    add("--timeout", type=_seconds, default=30.0, metavar="S", help="for an answer (default: 30)")
    add(
        "--patience",
        type=_seconds,
        default=60.0,
        metavar="S",
        help="for a scorer that is away or refuses everything (default: 60)",
    )
    add("--restart", action="store_true", help="forget what was sent before, and send it again")
    add("--json", action="store_true", help="print the figures as JSON")


def run(options: argparse.Namespace) -> int:
    """Send what is not answered yet, and print the figures; return 0 if all rows were scored."""
    address = address_of(options.url)
    plan = _plan(options, address)
    survey = plan.survey()
    with ExitStack() as stack:
        labels = _labels(options, plan, stack)
        journal = stack.enter_context(
            Journal(JOURNALS / plan.digest, plan.facts, restart=options.restart)
        )
        before = journal.answers
        replay = Replay(options, address, plan, survey, journal, labels)
        start = time.perf_counter()
        uvloop.run(replay.run())
        seconds = time.perf_counter() - start
        answers = journal.read()
    figures = Figures(
        rows=survey.n_rows,
        rows_by_status=rows_by_status(answers),
        n_requests=len(answers),
        latency_ms=latencies_ms(answers),
        n_busy=replay.sender.n_busy,
        n_cut=int((answers["cuts"] > 0).sum()),
        details=replay.sender.details,
        rows_s=float(answers["rows"].sum() - before["rows"].sum()) / seconds,
        seconds=seconds,
        labels=None if labels is None else labels.n_rows,
        touched=survey.touched,
    )
    if options.json:
        print(json.dumps(figures.plain(), indent=2, sort_keys=True, allow_nan=False))
    else:
        print("\n".join(figures.lines()))
    if replay.stopped:
        print(f"stopped: {replay.stopped}; run the same again to go on", file=sys.stderr)
    return 0 if figures.scored == figures.rows and not replay.stopped else 1


class Replay:
    """One run of a plan."""

    def __init__(
        self,
        options: argparse.Namespace,
        address: Address,
        plan: Plan,
        survey: Survey,
        journal: Journal,
        labels: LateLabels | None,
    ) -> None:
        self._plan, self._n_rows, self._journal, self._labels = plan, survey.n_rows, journal, labels
        self._answered = journal.answered(plan.n_requests(survey))
        self._done = int(journal.answers["rows"].sum())
        self._pace = Pace(options.speed)
        self._shows = not options.json
        self._interrupted = False
        self._name = f"{plan.digest[:20]}-{journal.run}"
        terms = Terms(options.concurrency, options.timeout, options.patience)
        self.sender = Sender(address, terms, self._pace, self._keep, self._id)

    @property
    def stopped(self) -> str:
        """Why it ended before its end, '' where it did not."""
        return self.sender.gave_up or ("by a signal" if self._interrupted else "")

    async def run(self) -> None:
        """Send, and let labels come; return when there is nothing more to do, or at a signal."""
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
        """Stop gently; a second signal has its usual effect."""
        self._interrupted = True
        self.sender.stop()
        for signalled in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(signalled)

    def _keep(self, answer: Answer) -> None:
        self._journal.append(answer)
        self._done += answer.rows

    def _id(self, number: int) -> str:
        return f"{self._name}-{number}"


def _plan(options: argparse.Namespace, address: Address) -> Plan:
    data = load(Data)
    if options.first > options.last or not {options.first.year, options.last.year} <= {*YEARS}:
        raise ConfigError(
            "there is no window between --from and --to",
            expected=f"--from at most --to, in the years {YEARS[0]} to {YEARS[-1]}",
            got=f"{options.first} and {options.last}",
        )
    window = Window(options.first, options.last, time_of(data).zone)
    faults = tuple(parse(text, data) for text in options.fault)
    return Plan(options.rows, data, window, options.batch, faults, address.url)


def _labels(options: argparse.Namespace, plan: Plan, stack: ExitStack) -> LateLabels | None:
    if options.label_delay is None:
        return None
    url = location(options.store, os.environ)
    if url is None:
        raise ConfigError("--label-delay needs a store", expected="a directory or URL", got="off")
    store = stack.enter_context(Store(url))
    store.directories(DIRECTORY)  # raises where there is no store, before a row is sent
    found = arrivals(plan.rows, plan.data, plan.window, options.label_delay)
    return LateLabels(store, f"replay-{plan.digest[:20]}", found)


def _speed(text: str) -> float | None:
    return None if text == "max" else _seconds(text)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to 10000")
    return value


def _delay(text: str) -> timedelta:
    try:
        found = duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if found < timedelta(0):
        raise argparse.ArgumentTypeError(f"{text}: no label comes before its row")
    return found
