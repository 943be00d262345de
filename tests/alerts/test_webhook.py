"""The webhook, over HTTP on loopback: signed, retried, told once, and repeated by its key after a kill."""

import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mooring import files
from mooring.cli import main
from mooring.diagnosis.report import DriftReport
from tests.alerts.conftest import Desk
from tests.support.drift_reports import OTHER, report
from tests.support.receiver import Receiver, receiver

SECRET = "a key of more than sixteen bytes"
SENT = "message sent to $MOORING_WEBHOOK\n"


@pytest.fixture
def hook(desk: Desk) -> Iterator[Receiver]:
    with receiver() as state:
        desk.export(MOORING_WEBHOOK=f"{state.url}/hook/T0SECRET", MOORING_WEBHOOK_SECRET=SECRET)
        yield state


def write(made: DriftReport) -> str:
    Path("report.json").write_text(made.model_dump_json(by_alias=True))
    return "report.json"


def notify(made: DriftReport, *options: str) -> int:
    return main(["notify", write(made), *options])


def window(last_day: int) -> DriftReport:
    """Return the same finding on another window."""
    span = report().window
    return report(window=span.model_copy(update={"last": span.last.replace(day=last_day)}))


def verify(state: Receiver) -> None:
    """Check a signature as a receiver does, by what docs/guides/alerts.md says."""
    request = state.received[-1]
    timestamp = request.headers["mooring-timestamp"]
    assert abs(time.time() - int(timestamp)) < 300
    made = hmac.new(SECRET.encode(), timestamp.encode() + b"." + request.body, hashlib.sha256)
    assert request.headers["mooring-signature"] == f"v1={made.hexdigest()}"


def test_a_message_is_signed_and_has_an_idempotency_key(desk: Desk, hook: Receiver, capsys) -> None:
    assert notify(report()) == 0
    assert capsys.readouterr().out == SENT
    (request,) = hook.received
    verify(hook)
    assert (request.method, request.path) == ("POST", "/hook/T0SECRET")
    assert request.headers["content-type"] == "application/json"
    document = json.loads(request.body)
    assert request.headers["idempotency-key"] == document["key"]
    assert document["diagnosis"] == "retrain"


def test_the_same_report_is_sent_once(desk: Desk, hook: Receiver, capsys) -> None:
    desk.set(webhook={"cooldown_h": 0})
    assert notify(report()) == notify(report()) == 0
    told = "no message: already sent for this diagnosis, window and evidence\n"
    assert capsys.readouterr().out == SENT + told
    assert len(hook.received) == 1


def test_the_next_window_waits_for_the_cooldown_unless_it_is_worse(
    desk: Desk, hook: Receiver, capsys
) -> None:
    assert notify(report()) == 0
    capsys.readouterr()
    assert notify(window(8)) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("no message: retrain was sent at ")
    assert shown.endswith(" UTC, and the cooldown is 72 h\n")
    assert notify(report("fix_data")) == 0
    assert notify(report(model=OTHER)) == 0
    assert capsys.readouterr().out == SENT + SENT
    desk.set(webhook={"cooldown_h": 0})
    assert notify(window(8)) == 0
    diagnoses = [json.loads(request.body)["diagnosis"] for request in hook.received]
    assert diagnoses == ["retrain", "fix_data", "retrain", "retrain"]


@pytest.mark.parametrize("diagnosis", ["quiet", "watch", "cannot_tell"])
def test_unwanted_verdicts_are_not_sent(diagnosis, desk: Desk, hook: Receiver, capsys) -> None:
    assert notify(report(diagnosis)) == 0
    said = f"no message: alerts.webhook.diagnoses does not contain {diagnosis}\n"
    assert (capsys.readouterr().out, hook.received) == (said, [])


def test_without_an_address_nothing_is_sent(desk: Desk, capsys) -> None:
    assert notify(report()) == 0
    assert capsys.readouterr().out == "no message: $MOORING_WEBHOOK is not set\n"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_busy_receiver_is_retried(status, desk: Desk, hook: Receiver) -> None:
    hook.statuses = [status, status]
    assert notify(report()) == 0
    assert len(hook.received) == 3
    assert len({request.body for request in hook.received}) == 1
    assert len({request.headers["idempotency-key"] for request in hook.received}) == 1
    verify(hook)


def test_it_gives_up_after_the_last_attempt_and_may_be_run_again(
    desk: Desk, hook: Receiver, capsys
) -> None:
    hook.statuses = [503] * 5
    assert notify(report()) == 2
    assert capsys.readouterr().err == (
        "mooring notify: $MOORING_WEBHOOK: the webhook does not accept the message\n"
        "  expected: a status from 200 to 299\n"
        "  got: 503, after 5 of 5 attempts\n"
        "  fix: run the same command again: it sends the message with the same Idempotency-Key\n"
    )
    assert notify(report()) == 0
    assert len(hook.received) == 6
    assert len({request.headers["idempotency-key"] for request in hook.received}) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 301, 307])
def test_a_refusal_is_final(status, desk: Desk, hook: Receiver, capsys) -> None:
    hook.statuses, hook.headers = [status], {"Location": f"{hook.url}/elsewhere"}
    assert notify(report()) == 2
    assert f"got: {status}, after 1 of 5 attempts" in capsys.readouterr().err
    assert len(hook.received) == 1


def test_an_unreachable_receiver_is_retried_and_its_url_is_not_shown(
    desk: Desk, hook, capsys
) -> None:
    with socket.socket() as closed:  # bound, and not listening
        closed.bind(("127.0.0.1", 0))
        desk.export(MOORING_WEBHOOK=f"http://127.0.0.1:{closed.getsockname()[1]}/T0SECRET")
        assert notify(report()) == 2
    shown = capsys.readouterr().err
    assert "Connection refused, after 5 of 5 attempts" in shown
    assert "T0SECRET" not in shown


def test_a_receiver_that_does_not_answer_times_out(desk: Desk, hook, capsys) -> None:
    desk.set(webhook={"timeout_s": 0.05, "attempts": 2})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        desk.export(MOORING_WEBHOOK=f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert notify(report()) == 2
    assert "timed out, after 2 of 2 attempts" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://host/T0SECRET", "T0SECRET", "http://", "http://host:port/T0SECRET"),
        *("http://ho st/T0SECRET", "http://host/T0SECRET\n/x", "file:///T0SECRET"),
    ],
)
def test_an_invalid_url_is_refused_and_not_shown(url, desk: Desk, hook, capsys) -> None:
    desk.export(MOORING_WEBHOOK=url)
    assert notify(report()) == 2
    assert capsys.readouterr().err == (
        "mooring notify: $MOORING_WEBHOOK: is not a URL\n"
        "  expected: such as https://host.example/path\n"
        f"  got: {len(url)} characters, not shown since they may be secret\n"
    )


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_document_is_not_sent_without_a_key(secret, desk: Desk, hook, capsys) -> None:
    desk.export(MOORING_WEBHOOK_SECRET=secret)
    assert notify(report()) == 2
    assert capsys.readouterr().err == (
        "mooring notify: $MOORING_WEBHOOK_SECRET: is not a valid signing key\n"
        "  expected: at least 16 bytes\n"
        f"  got: {len(secret)} bytes\n"
        "  fix: export MOORING_WEBHOOK_SECRET=$(openssl rand -hex 32), and configure the receiver "
        "with the same key\n"
    )
    assert hook.received == []


def test_slack_needs_no_key(desk: Desk, hook: Receiver) -> None:
    desk.set(webhook={"form": "slack"})
    desk.export(MOORING_WEBHOOK_SECRET="")
    assert notify(report()) == 0
    (request,) = hook.received
    assert list(json.loads(request.body)) == ["text"]
    assert "mooring-signature" not in request.headers


def test_a_kill_between_the_message_and_the_history_repeats_it_with_its_key(
    desk: Desk, hook: Receiver
) -> None:
    path = write(report())

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "mooring", "notify", path])

    hook.before_answer = lambda: os.kill(killed.pid, signal.SIGKILL)
    killed = start()
    assert killed.wait(120) == -signal.SIGKILL
    hook.before_answer = lambda: None
    assert [start().wait(120) for _ in range(2)] == [0, 0]
    first, again = hook.received  # the third run found the history and sent nothing
    assert first.body == again.body
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]


def test_a_damaged_history_is_explained_before_anything_is_sent(
    desk: Desk, hook: Receiver, capsys
) -> None:
    files.write_text("told.json", "{")
    assert notify(report(), "--history", "told.json") == 2
    assert "told.json: is not a valid message history" in capsys.readouterr().err
    assert hook.received == []
