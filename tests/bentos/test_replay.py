"""mooring replay against the real scorer: every row once, whatever happens on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mooring.cli import main
from mooring.records.label_files import read_labels
from mooring.records.log import read_predictions
from mooring.records.snapshots import read_sketches
from mooring.replay.journal import RECORD
from tests.bentos.test_served_records import model_of
from tests.support.project import ROOT
from tests.support.server import PATIENCE_S, Server, free_port, with_serving
from tests.support.small import rows as small_rows

DAYS = ("--from", "2024-01-01", "--to", "2024-02-07")
"""The small problem has an hour from each of its 37.5 days."""
N_ROWS = 900
SLOW = ("--speed", "1")
"""Nobody waits for the end of this."""


@dataclass
class Workspace:
    """A directory in which the command is run, with the rows and the config of the small problem."""

    path: Path
    port: int

    def command(self, *options: str) -> list[str]:
        url = f"http://127.0.0.1:{self.port}"
        return [sys.executable, "-m", "mooring", "replay", *DAYS, "--url", url, *options]

    def start(self, *options: str) -> "subprocess.Popen[str]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "MOORING_STORE": "labels"}
        return subprocess.Popen(
            self.command(*options),
            cwd=self.path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def replay(self, *options: str, code: int = 0) -> dict[str, Any]:
        """Run the command to its end; return its figures."""
        return figures(self.start("--json", *options), code)

    def n_answered(self) -> int:
        journals = self.path.glob(".mooring/replay/*/answers.bin")
        return sum(path.stat().st_size // RECORD.itemsize for path in journals)

    def wait_for_answers(self, n: int, replay: "subprocess.Popen[str]") -> None:
        end = time.monotonic() + PATIENCE_S
        while self.n_answered() < n:
            assert time.monotonic() < end
            assert replay.poll() is None, replay.communicate()
            time.sleep(0.01)


def figures(replay: "subprocess.Popen[str]", code: int) -> dict[str, Any]:
    out, err = replay.communicate(timeout=2 * PATIENCE_S)
    assert replay.returncode == code, out + err
    return dict(json.loads(out))


@pytest.fixture
def workspace(packaged: Path, tmp_path: Path) -> Workspace:
    directory = tmp_path / "workspace"
    (directory / "data").mkdir(parents=True)
    for name in ("params.yaml", "data/rows.parquet"):
        (directory / name).symlink_to(packaged / name)
    return Workspace(directory, free_port())


def assert_recorded_once(server: Server, keys: list[str]) -> pd.DataFrame:
    """Stop the server; check that its log and its profiles hold these rows once. Return the log."""
    assert server.stop() == 0
    url = str(server.home / "store")
    log = read_predictions(url).to_pandas()
    assert sorted(log["key"]) == sorted(keys)
    profiles = [profile for _, _, profile in read_sketches(url, model_of(server.bento))]
    assert sum(profile["score"].rows for profile in profiles) == len(keys)
    return log


@pytest.mark.parametrize(
    "signalled", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_a_replay_stopped_by_a_signal_resumes_and_records_every_row_once(
    bento: Path, workspace: Workspace, tmp_path: Path, signalled: signal.Signals
) -> None:
    with Server(bento, tmp_path / "home", port=workspace.port) as server:
        server.wait()
        replay = workspace.start("--json", "--label-delay", "36h", *SLOW)
        workspace.wait_for_answers(40, replay)
        replay.send_signal(signalled)
        first = figures(replay, 1)
        assert 40 <= first["scored"] < N_ROWS
        found = workspace.replay("--label-delay", "36h")
        assert (found["scored"], found["rows"], found["cut"]) == (N_ROWS, N_ROWS, 0)
        again = workspace.replay("--label-delay", "36h", *SLOW)
        assert {**again, "rows_s": 0, "seconds": 0} == {**found, "rows_s": 0, "seconds": 0}
        rows = small_rows("classification")
        log = assert_recorded_once(server, rows["id"].tolist())
    assert sorted(log["time"].dt.tz_localize(None)) == rows["asked"].tolist()
    assert len(set(log["request_id"])) == N_ROWS
    labels = read_labels(str(workspace.path / "labels/labels"), "key", "label").to_pandas()
    known = dict(zip(labels["key"], labels["label"], strict=True))
    assert len(labels) == len(known) == found["labels"] == N_ROWS
    wanted = [known[key] for key in rows["id"]]
    assert np.array_equal(wanted, rows["answer"], equal_nan=True)


@pytest.mark.slow
def test_after_a_kill_only_open_requests_are_sent_again_with_the_same_id(
    bento: Path, workspace: Workspace, tmp_path: Path
) -> None:
    with Server(bento, tmp_path / "home", port=workspace.port) as server:
        server.wait()
        replay = workspace.start(*SLOW, "--concurrency", "4")
        workspace.wait_for_answers(40, replay)
        replay.kill()
        replay.communicate()
        assert workspace.replay("--concurrency", "4")["scored"] == N_ROWS
        assert server.stop() == 0
    log = read_predictions(str(server.home / "store")).to_pandas()
    assert set(log["key"]) == set(small_rows("classification")["id"])
    assert log.groupby("key")["request_id"].nunique().max() == 1
    assert N_ROWS <= len(log) <= N_ROWS + 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "status"), [("open_requests", "503"), ("open_requests_per_client", "429")]
)
def test_a_busy_scorer_scores_every_row_once(
    bento: Path, workspace: Workspace, tmp_path: Path, limit: str, status: str
) -> None:
    narrow = with_serving(bento, tmp_path / "narrow", admission={limit: 1})
    replay = workspace.start("--json", "--concurrency", "32")
    with Server(narrow, tmp_path / "home", port=workspace.port) as server:
        found = figures(replay, 0)
        assert found["rows_by_status"] == {"200": N_ROWS}
        assert list(found["busy"]) == [status]
        assert f'"status":{status}' in found["details"][status]
        assert_recorded_once(server, small_rows("classification")["id"].tolist())


@pytest.mark.slow
def test_a_killed_worker_leaves_no_row_unscored(
    bento: Path, workspace: Workspace, tmp_path: Path
) -> None:
    with Server(bento, tmp_path / "home", port=workspace.port) as server:
        server.wait()
        replay = workspace.start("--json", "--speed", "10")
        workspace.wait_for_answers(40, replay)
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        assert figures(replay, 0)["rows_by_status"] == {"200": N_ROWS}


@pytest.mark.slow
def test_injected_faults_are_sent_and_refusals_are_counted(
    bento: Path, workspace: Workspace, tmp_path: Path
) -> None:
    texts = ("missing:x@0.1", "repeat@0.2", "clock:+1d")
    faults = [option for text in texts for option in ("--fault", text)]
    with Server(bento, tmp_path / "home", port=workspace.port) as server:
        server.wait()
        found = workspace.replay(*faults, "--batch", "1", code=1)
        touched, refused = found["faults"], found["rows_by_status"]["422"]
        assert found["rows"] == N_ROWS + touched["repeat@0.2"] == touched["clock:+1d"]
        assert 0 < touched["missing:x@0.1"] <= refused
        assert found["scored"] == found["rows"] - refused
        detail = json.loads(found["details"]["422"])
        assert detail["errors"] == [
            {
                "row": 0,
                "column": "x",
                "rule": "required; a missing value is null",
                "value": "nothing",
            }
        ]
        assert server.stop() == 0
    log = read_predictions(str(server.home / "store")).to_pandas()
    assert len(log) == found["scored"]
    asked = dict(small_rows("classification")[["id", "asked"]].itertuples(index=False))
    own = log["key"].str.removesuffix("~again")
    assert (
        own.map(asked).tolist()
        == (log["time"].dt.tz_localize(None) - pd.Timedelta(days=1)).tolist()
    )


def test_a_batch_scores_every_row(server: Server, workspace: Workspace) -> None:
    workspace.port = server.port
    found = workspace.replay("--batch", "70")
    assert (found["scored"], found["requests"]) == (N_ROWS, 13)


def test_a_finished_replay_sends_nothing_again_without_restart(
    server: Server, workspace: Workspace
) -> None:
    workspace.port = server.port

    def n_scored() -> int:
        metrics = server.client.get("/metrics").text
        lines = [line for line in metrics.splitlines() if line.startswith("scorer_rows_total{")]
        return sum(int(float(line.rpartition(" ")[2])) for line in lines)

    counts = [n_scored()]
    for options in ([], [], ["--restart"]):
        workspace.replay(*options)
        counts.append(n_scored())
    assert np.diff(counts).tolist() == [N_ROWS, 0, N_ROWS]


def test_a_url_without_a_scorer_stops_the_replay(server: Server, workspace: Workspace) -> None:
    url = f"{server.client.base_url}/x".replace("//x", "/x")
    replay = workspace.start("--url", url)
    out, err = replay.communicate(timeout=PATIENCE_S)
    assert replay.returncode == 1
    assert "scored   0 of 900 rows\n" in out
    assert err == (
        f"stopped: {url} answers 404, so there is no scorer; run the same command again to resume\n"
    )
    assert workspace.n_answered() == 0


def test_an_unreachable_scorer_is_retried_until_patience_ends(workspace: Workspace) -> None:
    replay = workspace.start("--patience", "1")
    _, err = replay.communicate(timeout=PATIENCE_S)
    assert replay.returncode == 1
    assert err.startswith(f"stopped: http://127.0.0.1:{workspace.port} is unreachable: ")


REFUSED = {
    ("--fault", "null:tmp"): "--fault null:tmp: 'tmp' is not an input column\n  expected: city, x",
    ("--to", "2023-12-31"): (
        "the window from --from to --to is empty or out of range\n"
        "  expected: --from at most --to, in the years 1971 to 2199\n"
        "  got: 2024-01-01 and 2023-12-31"
    ),
    ("--from", "2025-01-01", "--to", "2025-01-01"): (
        "data/rows.parquet: the window has no rows\n"
        "  got: 2025-01-01 to 2025-01-01 (America/New_York)"
    ),
    ("--label-delay", "1d", "--store", "off"): (
        "--label-delay requires a store\n  expected: a directory or URL\n  got: off"
    ),
    ("--label-delay", "1d", "--store", f"file://{__file__}"): (
        f"{__file__}/labels: cannot be read\n"
        f"  got: [Errno 20] Not a directory: '{__file__}/labels'\n"
        "  fix: check --store or MOORING_STORE, the store's credentials, and that the store answers"
    ),
    ("--url", "127.0.0.1:3000"): (
        "--url 127.0.0.1:3000: is not the URL of a scorer\n"
        "  expected: http://HOST:PORT or https://HOST, optionally with a path"
    ),
}


@pytest.mark.parametrize("options", REFUSED, ids=" ".join)
def test_invalid_options_are_refused_before_anything_is_sent(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
) -> None:
    monkeypatch.chdir(workspace.path)
    assert main([*workspace.command()[3:], *options]) == 2
    assert capsys.readouterr().err == f"mooring replay: {REFUSED[options]}\n"
    assert not (workspace.path / ".mooring").exists()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--speed", "fast"), "argument --speed: invalid"),
        (("--batch", "0"), "argument --batch: 0 is not a number from 1 to 10000"),
        (("--label-delay", "1w"), "argument --label-delay: '1w' is not a number with its unit"),
        (("--label-delay", "-1d"), "argument --label-delay: expected one argument"),
        (
            ("--label-delay=-1d",),
            "argument --label-delay: -1d: a label cannot arrive before its row",
        ),
    ],
)
def test_an_invalid_option_value_is_refused(
    option: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", *DAYS, *option])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_speed_and_row_order_are_kept(bento: Path, workspace: Workspace, tmp_path: Path) -> None:
    with Server(bento, tmp_path / "home", port=workspace.port) as server:
        server.wait()
        found = workspace.replay("--speed", "20", "--concurrency", "1")
        assert found["seconds"] > 37.4 / 20
        log = assert_recorded_once(server, small_rows("classification")["id"].tolist())
    numbers = log["request_id"].str.rpartition("-")[2].astype(int)
    assert log.assign(number=numbers).sort_values("number")["time"].is_monotonic_increasing
    assert Counter(numbers).most_common(1)[0][1] == 1


def test_refused_rows_are_counted_and_exit_1(server: Server, workspace: Workspace) -> None:
    workspace.port = server.port
    found = workspace.replay("--fault", "missing:x@0.1", code=1)
    n_refused = found["faults"]["missing:x@0.1"]
    assert 0 < n_refused < N_ROWS
    assert found["rows_by_status"] == {"200": N_ROWS - n_refused, "422": n_refused}
    assert "required; a missing value is null" in found["details"]["422"]
