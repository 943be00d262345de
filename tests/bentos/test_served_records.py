"""What the served scorer leaves in its store: every row once, in a directory and in S3."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mooring import files
from mooring.records.log import read_predictions
from mooring.records.snapshots import read_sketches
from tests.support.packaged import ROW, expected
from tests.support.project import ROOT
from tests.support.s3 import BUCKET, environment_of, s3_server
from tests.support.server import PATIENCE_S, Server, unpack, wait_until, with_serving


def send(server: Server, n_requests: int) -> dict[str, float]:
    """Send requests of one row from eight clients; return each id's score."""

    def one(number: int) -> tuple[str, float]:
        row = ROW | {"x": number / 7, "id": f"k{number}", "asked": "2024-02-03T12:00:00Z"}
        answer = server.predict([row]).json()
        return answer["request_id"], answer["scores"][0]

    with ThreadPoolExecutor(8) as pool:
        return dict(pool.map(one, range(n_requests)))


def assert_recorded(url: str, answered: dict[str, float], model: str) -> None:
    log = read_predictions(url)
    lines = dict(zip(log["request_id"].to_pylist(), log["score"].to_pylist(), strict=True))
    assert log.num_rows == len(lines)
    assert lines == answered
    assert set(log["model"].to_pylist()) == {model}
    assert {str(at.date()) for at in log["time"].to_pylist()} == {"2024-02-03"}
    profiles = [profile for _, _, profile in read_sketches(url, model)]
    assert sum(profile["score"].rows for profile in profiles) == len(answered)


def counted(server: Server, name: str) -> float:
    """Return a counter of the scorer, all its labels together."""
    text = server.client.get("/metrics").text
    return sum(map(float, re.findall(rf"^scorer_{name}_total(?:{{.*}})? (\S+)$", text, re.M)))


def writer_of(server: Server) -> psutil.Process:
    """Return the recording process of a server's one worker."""
    (worker,) = server.workers()
    (found,) = wait_until(psutil.Process(worker).children)
    return found


def model_of(bento: Path) -> str:
    return str(files.read_json(bento / "src/release/served.json")["digests"]["model"])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_loses_no_row(bento: Path, tmp_path: Path, workers: str) -> None:
    with Server(bento, tmp_path / "home", {"MOORING_WORKERS": workers}) as server:
        server.wait()
        answered = send(server, 300)
        # The workers of a server share one set of metrics, and each tells its own once a second.
        wait_until(lambda: counted(server, "rows") == 300)
        assert counted(server, "requests") == 300
        assert "scorer_parity 1.0" in server.client.get("/metrics").text
        assert server.stop() == 0
    assert_recorded(str(tmp_path / "home/store"), answered, model_of(bento))


def test_a_signal_to_all_of_a_server_loses_no_row(bento: Path, tmp_path: Path) -> None:
    """As a terminal sends it for Ctrl-C, to the recording process as well."""
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        answered = send(server, 300)
        writer = writer_of(server)
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(PATIENCE_S) == 0
    assert not writer.is_running()
    assert_recorded(str(tmp_path / "home/store"), answered, model_of(bento))


def test_a_killed_writer_is_replaced_and_its_rows_are_counted_as_dropped(
    bento: Path, tmp_path: Path
) -> None:
    often = with_serving(bento, tmp_path / "bento", records={"flush_s": 0.1})
    with Server(often, tmp_path / "home") as server:
        server.wait()
        before = send(server, 100)
        wait_until(lambda: counted(server, "recorded_rows") == 100)
        first = writer_of(server)
        first.suspend()
        lost = send(server, 50)
        first.kill()
        wait_until(
            lambda: counted(server, "dropped_rows") + counted(server, "recorded_rows") >= 150
        )
        n_dropped = counted(server, "dropped_rows")
        after = send(server, 100)
        assert writer_of(server).pid != first.pid
        assert server.stop() == 0
    log = read_predictions(str(tmp_path / "home/store"))
    ids = log["request_id"].to_pylist()
    assert len(ids) == len(set(ids)) == 250 - n_dropped
    assert set(before) | set(after) <= set(ids) <= set(before) | set(lost) | set(after)


def test_the_writer_process_scores_the_shadow_model(compared: Path, tmp_path: Path) -> None:
    bento = unpack(compared / "models/scorer.bento", tmp_path / "split")
    served = files.read_json(bento / "src/release/served.json")
    served["serving"]["comparison"] = {}
    files.write_json(bento / "src/release/served.json", served)
    shadowed = with_serving(bento, tmp_path / "bento", comparison={"mode": "shadow"})
    with Server(shadowed, tmp_path / "home") as server:
        server.wait()
        scores = server.predict([ROW, ROW | {"x": -1}]).json()["scores"]
        assert server.stop() == 0
    rows = [ROW, ROW | {"x": -1}]
    log = read_predictions(str(tmp_path / "home/store")).sort_by("row").to_pylist()
    found = {
        model: [line["score"] for line in log if line["model"] == served["digests"][model]]
        for model in ("champion", "model")
    }
    assert found == {"champion": scores, "model": pytest.approx(expected(shadowed, rows))}
    assert [line["returned"] for line in log if line["model"] == served["digests"]["model"]] == [
        False,
        False,
    ]


def test_records_are_written_to_s3(bento: Path, tmp_path: Path) -> None:
    with s3_server() as environment, environment_of(environment):
        url = f"s3://{BUCKET}/scorer"
        with Server(bento, tmp_path / "home", environment | {"MOORING_STORE": url}) as server:
            server.wait()
            answered = send(server, 100)
            assert server.stop() == 0
        assert_recorded(url, answered, model_of(bento))


def test_an_unreachable_store_is_logged_and_the_scorer_stays_ready(
    bento: Path, tmp_path: Path
) -> None:
    dead = {"MOORING_STORE": str(tmp_path / "file")}
    (tmp_path / "file").write_text("")
    with Server(bento, tmp_path / "home", dead) as server:
        server.wait()
        send(server, 50)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        text = server.log.read_text()
    assert "50 rows were not recorded within" in text


def test_records_can_be_switched_off(bento: Path, tmp_path: Path) -> None:
    with Server(bento, tmp_path / "home", {"MOORING_STORE": "off"}) as server:
        server.wait()
        send(server, 5)
        assert server.stop() == 0
    assert not list((tmp_path / "home").rglob("*.parquet"))


def test_log_lines_are_json_and_name_their_trace(bento: Path, tmp_path: Path) -> None:
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        server.stop()
        lines = [line for line in server.log.read_text().splitlines() if "bentoml.scorer" in line]
    found = [json.loads(line) for line in lines]
    assert any(line["message"].startswith("ready: scorer:") for line in found)
    assert all({"time", "level", "message", "trace_id"} <= set(line) for line in found)


def test_a_span_of_the_clients_trace_is_made_where_tracing_is_on(
    bento: Path, tmp_path: Path
) -> None:
    options = (
        "services.scorer.tracing.exporter_type=in_memory services.scorer.tracing.sample_rate=1.0"
    )
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    environment = {"BENTOML_CONFIG_OPTIONS": options}
    with Server(bento, tmp_path / "home", environment) as server:
        server.wait()
        found = server.predict([ROW], traceparent=trace).headers["traceparent"]
    assert found.split("-")[1] == trace.split("-")[1]
    assert found.split("-")[2] != trace.split("-")[2]


def test_a_killed_worker_leaves_complete_files_and_is_replaced(bento: Path, tmp_path: Path) -> None:
    """No part is half written, none twice, and the next worker begins anew."""
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        send(server, 100)
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        end = time.monotonic() + 30
        while server.workers() in ([], [worker]):
            assert time.monotonic() < end
            time.sleep(0.1)
        with httpx.Client(base_url=server.client.base_url, timeout=30) as client:
            while client.get("/readyz").status_code != 200:
                time.sleep(0.1)
        server.client.close()
        server.client = httpx.Client(base_url=server.client.base_url, timeout=30)
        answered = send(server, 50)
        assert server.stop() == 0
    log = read_predictions(str(tmp_path / "home/store"))
    ids = log["request_id"].to_pylist()
    assert len(ids) == len(set(ids))
    assert set(answered) <= set(ids)


def test_the_logs_of_a_split_are_compared_with_late_labels(compared: Path, tmp_path: Path) -> None:
    bento = unpack(compared / "models/scorer.bento", tmp_path / "bento")
    digests = files.read_json(bento / "src/release/served.json")["digests"]
    rows = [
        ROW | {"x": number % 60 / 10 - 3, "id": f"d{day}n{number}", "asked": f"2024-03-{day:02}T12:00:00Z"}
        for day in range(1, 31)
        for number in range(60)
    ]  # fmt: skip
    with Server(bento, tmp_path / "home") as server:
        server.wait()
        assert server.predict(rows).status_code == 200
        assert server.stop() == 0
    labels = tmp_path / "labels.parquet"
    answers = {"id": [row["id"] for row in rows], "answer": [float(row["x"] > 0) for row in rows]}
    pq.write_table(pa.table(answers), labels)
    command = [sys.executable, "-m", "mooring", "ab", str(tmp_path / "home/store"), str(labels)]
    command += ["--champion", digests["champion"][:12], "--challenger-share", "0.5", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    (compared / "argo").exists() or (compared / "argo").symlink_to(ROOT / "argo")
    done = subprocess.run(command, cwd=compared, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["verdict"], found["design"], found["n_blocks"]) == ("merge", "unpaired", 30)
    arms = found["champion"], found["challenger"]
    assert [arm["model"] for arm in arms] == [digests["champion"], digests["model"]]
    assert sum(arm["labelled"] for arm in arms) == 1800
    assert [arm["coverage"] for arm in arms] == [1, 1]
    low, high = found["every_look"]
    assert 0 < low < found["difference"] < high
