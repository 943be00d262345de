"""Kills under load: every request is answered rightly, refused, or known to be lost with its worker."""

import json
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from mooring.records.log import read_predictions
from mooring.records.snapshots import read_sketches
from tests.support.packaged import ROW, expected
from tests.support.server import Server, wait_until

pytestmark = pytest.mark.slow

N_CLIENTS = 8
PERIOD_S = 2.0


@dataclass
class Client:
    """One client that asks one request after another, each with an id and a row of its own."""

    number: int
    server: Server
    answered: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By id: what was asked, and the score."""
    refused: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    """No connection was made: the server has not seen them."""
    lost: list[str] = field(default_factory=list)
    """Sent, and the connection ended without an answer."""

    def run(self, stop: threading.Event) -> None:
        with httpx.Client(base_url=self.server.client.base_url, timeout=30) as http:
            for turn in range(10**6):
                if stop.is_set():
                    return
                self._ask(http, f"{self.number}-{turn}", self.number + turn / 1000)

    def _ask(self, http: httpx.Client, name: str, x: float) -> None:
        body = json.dumps({"rows": [ROW | {"x": x}]})
        head = {"x-request-id": name, "content-type": "application/json"}
        try:
            answer = http.post("/v1/predict", content=body, headers=head)
        except httpx.ConnectError:
            self.unsent.append(name)
            time.sleep(0.02)
            return
        except httpx.TransportError:
            self.lost.append(name)
            return
        if answer.status_code == 503:
            self.refused.append(name)
            return
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["request_id"] == answer.headers["x-request-id"] == name
        assert name not in self.answered
        self.answered[name] = (x, found["scores"][0])


@pytest.fixture
def two_workers(bento: Path, tmp_path: Path) -> Iterator[Server]:
    with Server(bento, tmp_path / "home", {"MOORING_WORKERS": "2"}) as server:
        server.wait()
        wait_for_workers(server, 2)
        yield server


def wait_for_workers(server: Server, n: int, without: int = 0) -> None:
    """Wait until `n` workers run, none of them `without`."""
    end = time.monotonic() + 30
    while len(server.workers()) < n or without in server.workers():
        assert time.monotonic() < end
        time.sleep(0.05)


def check_scores(clients: list[Client], bento: Path) -> None:
    asked = [pair for client in clients for pair in client.answered.values()]
    wanted = expected(bento, [ROW | {"x": x} for x, _ in asked])
    assert [score for _, score in asked] == pytest.approx(wanted, rel=1e-14)


def test_a_killed_worker_loses_only_its_open_requests(two_workers: Server, bento: Path) -> None:
    clients = [Client(number, two_workers) for number in range(N_CLIENTS)]
    stop = threading.Event()
    with ThreadPoolExecutor(N_CLIENTS) as pool:
        running = [pool.submit(client.run, stop) for client in clients]
        time.sleep(PERIOD_S)
        victim = two_workers.workers()[0]
        before = sum(len(client.answered) for client in clients)
        os.kill(victim, signal.SIGKILL)
        time.sleep(PERIOD_S)
        wait_for_workers(two_workers, 2, without=victim)
        after = sum(len(client.answered) for client in clients)
        stop.set()
        for done in running:
            done.result()
    assert 0 < before < after
    check_scores(clients, bento)
    # A client has one request in flight, and only those of the killed worker were cut.
    assert max(len(client.lost) for client in clients) <= 1
    assert not any(client.refused or client.unsent for client in clients)


def test_sigterm_answers_open_requests_and_exits_0(two_workers: Server, bento: Path) -> None:
    clients = [Client(number, two_workers) for number in range(N_CLIENTS)]
    stop = threading.Event()
    with ThreadPoolExecutor(N_CLIENTS) as pool:
        running = [pool.submit(client.run, stop) for client in clients]
        time.sleep(PERIOD_S)
        code = two_workers.stop(signal.SIGTERM)
        stop.set()
        for done in running:
            done.result()
    assert code == 0
    check_scores(clients, bento)
    # No connection in use was cut. A new one is still taken by the kernel for BentoML's parent process,
    # which accepts nothing any more and resets it when it ends.
    assert max(len(client.lost) for client in clients) <= 1
    assert not any(client.refused for client in clients)


def test_two_replicas_stopped_under_load_record_every_answered_row_once(
    bento: Path, tmp_path: Path
) -> None:
    """Both write the same day of the same store, for eight clients each."""
    store = str(tmp_path / "store")
    stop = threading.Event()
    with ExitStack() as stack:
        replicas = [
            stack.enter_context(Server(bento, tmp_path / name, {"MOORING_STORE": store}))
            for name in ("one", "two")
        ]
        for replica in replicas:
            replica.wait()
        clients = [Client(n, replicas[n % 2]) for n in range(2 * N_CLIENTS)]
        pool = stack.enter_context(ThreadPoolExecutor(len(clients)))
        running = [pool.submit(client.run, stop) for client in clients]
        time.sleep(PERIOD_S)
        codes = [replica.stop(signal.SIGTERM) for replica in replicas]
        stop.set()
        for done in running:
            done.result()
    assert codes == [0, 0]
    log = read_predictions(store)
    recorded = Counter(log["request_id"].to_pylist())
    answered = {name for client in clients for name in client.answered}
    lost = {name for client in clients for name in client.lost}
    assert len(answered) > 100
    assert set(recorded.values()) == {1}
    assert answered <= set(recorded) <= answered | lost
    (model,) = set(log["model"].to_pylist())
    profiles = [profile for _, _, profile in read_sketches(store, model)]
    assert len(profiles) >= 2
    assert sum(profile["score"].rows for profile in profiles) == len(recorded)


def test_every_answer_is_counted_once(two_workers: Server) -> None:
    clients = [Client(number, two_workers) for number in range(N_CLIENTS)]
    stop = threading.Event()
    with ThreadPoolExecutor(N_CLIENTS) as pool:
        running = [pool.submit(client.run, stop) for client in clients]
        time.sleep(PERIOD_S)
        stop.set()
        for done in running:
            done.result()
    answered = sum(len(client.answered) for client in clients)
    wait_until(lambda: counted(two_workers).total() >= answered)  # each worker tells once a second
    assert counted(two_workers) == {"200": answered}


def counted(server: Server) -> Counter[str]:
    """Return how many requests all workers of a server counted, by status."""
    metrics = server.client.get("/metrics").text
    found = Counter[str]()
    for status, value in re.findall(r'scorer_requests_total\{.*status="(\d+)"\} (.*)', metrics):
        found[status] += int(float(value))
    return found


def test_a_starting_worker_exits_when_its_parent_is_killed(two_workers: Server) -> None:
    before = set(two_workers.workers())
    os.kill(min(before), signal.SIGKILL)
    end = time.monotonic() + 30
    while not (fresh := set(two_workers.workers()) - before):
        assert time.monotonic() < end
        time.sleep(0.01)
    two_workers.stop(signal.SIGKILL)
    left = [psutil.Process(pid) for pid in fresh if psutil.pid_exists(pid)]
    _, alive = psutil.wait_procs(left, timeout=20)
    for process in alive:
        process.kill()
    assert alive == []
