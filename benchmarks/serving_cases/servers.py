"""All servers of one model, running at once on the server's core and asked one after the other.

An idle server takes next to nothing of the core, so that turns can follow each other without a restart.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.load.figures import Bodies
from benchmarks.serving_cases.models import JSON, N_BODIES, PREDICT, Trained
from benchmarks.serving_peers.peer import APPS, Peer
from benchmarks.serving_peers.peers import PEERS, UVICORN
from benchmarks.serving_peers.running import Running
from benchmarks.serving_peers.venvs import NotRunError, environment_of

SERVER_CORE = 0
ECHO, SCORER, SCORER_OFF = "bare echo", "Mooring's scorer", "Mooring's scorer, records off"
N_MANY = 10
"""Different requests of many rows."""
ATOL = 1e-6
"""How far the scores of two servers may lie apart: compiled trees sum in another order."""


@dataclass
class Servers:
    """What runs, by name; the peers that do not, with the reason; and the bodies for each."""

    running: dict[str, Running] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
    one: dict[str, Bodies] = field(default_factory=dict)
    many: dict[str, Bodies] = field(default_factory=dict)

    @property
    def peers(self) -> list[str]:
        """The peers that run."""
        return [peer.name for peer in PEERS if peer.name in self.running]


def scorer(
    bento: Path, directory: Path, *, records: bool, cores: tuple[int, ...] = (SERVER_CORE,)
) -> Running:
    """Return the bento under plain `bentoml serve`, one worker a core.

    Profiles and records of the scored rows go to a directory, or nowhere.
    """
    python = Path(sys.executable)
    store = str(directory / "store") if records else "off"
    serve = ("-m", "bentoml", "serve", str(bento), "--host", "127.0.0.1")
    return Running(
        name=SCORER if records else SCORER_OFF,
        command=[str(python), *serve, "--port", "{port}"],
        environment=environment_of(python, directory)
        | {"MOORING_STORE": store, "MOORING_WORKERS": str(len(cores))},
        directory=directory,
        ready="/readyz",
        cores=cores,
    )


def echo(directory: Path) -> Running:
    """Return the bare ASGI echo on uvicorn, with uvloop and httptools."""
    python = Path(sys.executable)
    return Running(
        name=ECHO,
        command=[str(python), *UVICORN, "--lifespan", "off", "echo:app"],
        environment=environment_of(python, directory) | {"PYTHONPATH": str(APPS)},
        directory=directory,
        ready="/",
        cores=(SERVER_CORE,),
    )


@contextmanager
def serving(trained: Trained, directory: Path, n_many: int) -> Iterator[Servers]:
    """Start every server of one model, and see that they agree on the scores."""
    servers = Servers()
    with ExitStack() as stack:
        ours = [
            echo(directory / "echo"),
            scorer(trained.bento, directory / "on", records=True),
            scorer(trained.bento, directory / "off", records=False),
        ]
        for running in ours:
            servers.running[running.name] = stack.enter_context(running)
            _write_own(servers, running.name, trained, directory, n_many)
        for peer in PEERS:
            try:
                running = peer.start(trained.pipeline, directory / peer.requirements, SERVER_CORE)
                servers.running[peer.name] = stack.enter_context(running)
            except (NotRunError, RuntimeError) as error:
                servers.not_run[peer.name] = str(error)
                print(f"{peer.name}: not run: {error}", flush=True)
                continue
            _write_peer(servers, peer, trained, directory, n_many)
        _compare(servers)
        yield servers


def _write_own(servers: Servers, name: str, trained: Trained, directory: Path, n_many: int) -> None:
    one = [trained.json_body(i, 1) for i in range(N_BODIES)]
    many = [trained.json_body(i * n_many, n_many) for i in range(N_MANY)]
    _write(servers, name, directory / "bodies" / name, (PREDICT, one, many), n_many)


def _write_peer(
    servers: Servers, peer: Peer, trained: Trained, directory: Path, n_many: int
) -> None:
    one = [peer.body(trained.feature_rows(i, 1)) for i in range(N_BODIES)]
    many = [peer.body(trained.feature_rows(i * n_many, n_many)) for i in range(N_MANY)]
    folder = directory / "bodies" / peer.requirements
    _write(servers, peer.name, folder, (peer.path, one, many), n_many)


def _write(
    servers: Servers,
    name: str,
    folder: Path,
    asked: tuple[str, list[bytes], list[bytes]],
    n_many: int,
) -> None:
    path, one, many = asked
    folder.mkdir(parents=True)
    servers.one[name] = Bodies.write(folder / "one", path, JSON, one, 1)
    servers.many[name] = Bodies.write(folder / "many", path, JSON, many, n_many)


def _compare(servers: Servers) -> None:
    """Raise AssertionError where a peer's scores are not the scorer's."""

    def asked(name: str) -> object:
        bodies = servers.many[name]
        content = bodies.files[0].read_bytes()
        answer = servers.running[name].post(bodies.path, bodies.content_type, content)
        return json.loads(answer)

    own = asked(SCORER)["scores"]  # type: ignore[index]
    for peer in PEERS:
        if peer.name in servers.running:
            theirs = np.asarray(peer.scores(asked(peer.name)), dtype=np.float64)
            difference = float(np.abs(theirs - np.asarray(own)).max())
            assert theirs.shape == (len(own),) and difference <= ATOL, (
                f"{peer.name}: scores differ by {difference:.3g}"
            )
            print(f"{peer.name}: the scorer's scores, within {difference:.1g}", flush=True)
