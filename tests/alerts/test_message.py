"""Messages: what is told, in both forms, from reports that hold anything."""

import hashlib
import hmac
import json
from typing import Any, get_args

import pytest
from hypothesis import example, given

from mooring.alerts.message import MAX_CHARACTERS, idempotency_key, line, message, signature
from mooring.alerts.runbooks import OF_DIAGNOSIS, Alert
from mooring.config.alerts import Alerts
from mooring.config.load import load
from mooring.diagnosis.report import DriftReport, Evidence
from tests.support.drift_reports import (
    OTHER,
    check,
    column,
    outcomes,
    report,
)
from tests.support.judged import reports
from tests.support.workspaces import ROOT

PARAMS = load(Alerts, ROOT / "params.yaml")
RUNBOOKS = "https://git.example.org/a&b/docs/runbooks"


def settings(form: str) -> Alerts:
    values = PARAMS.model_dump(mode="json") | {"runbooks": RUNBOOKS}
    return Alerts.parse("alerts", values | {"webhook": values["webhook"] | {"form": form}})


def slack(made: DriftReport) -> str:
    document = message(made, settings("slack")).document
    assert list(document) == ["text"]
    return str(document["text"])


def test_a_document_names_what_alarms_and_the_runbook() -> None:
    made = report()
    assert message(made, settings("json")).document == {
        "schema": 2,
        "key": idempotency_key(made),
        "diagnosis": "retrain",
        "reason": "distance has moved.",
        "data": "flights",
        "model": "a" * 64,
        "window": {"first": "2013-07-01", "last": "2013-07-07", "zone": "America/New_York"},
        "parts": {
            "columns": {"level": "alarm", "checks_made": 2, "checks_not_made": 1},
            "score": {"level": "watch", "checks_made": 1, "checks_not_made": 0},
            "quality": {"level": "watch", "checks_made": 14, "checks_not_made": 0},
            "outcomes": {"level": "quiet", "checks_made": 4, "checks_not_made": 0},
        },
        "columns": [
            {
                "name": "distance",
                "segment": "",
                "level": "alarm",
                "effect": 0.25,
                "sentence": "Has moved up.",
            },
            {
                "name": "score",
                "segment": "",
                "level": "watch",
                "effect": 0.03125,
                "sentence": "Has moved up.",
            },
        ],
        "quality": [
            {"column": "dewp", "check": "null", "level": "watch", "sentence": "25% are missing."}
        ],
        "figures": [],
        "outcomes": {"level": "quiet", "sentence": "The model is as good as it was."},
        "next_steps": ["Train on newer rows."],
        "runbook": f"{RUNBOOKS}/MooringDriftRetrain.md",
    }


def test_slack_gets_the_same_content_as_text() -> None:
    assert slack(report()) == (
        "*flights: retrain* distance has moved.\n"
        "Days 2013-07-01 to 2013-07-07 (America/New_York), model `aaaaaaaaaaaa`\n"
        "• dewp: 25% are missing.\n"
        "• distance: Has moved up.\n"
        "• score: Has moved up.\n"
        "• The model is as good as it was.\n"
        "Next: Train on newer rows.\n"
        "Runbook: https://git.example.org/a&amp;b/docs/runbooks/MooringDriftRetrain.md"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> & <https://evil.example|bill>", "&lt;!channel&gt; &amp; &lt;https://evil.example|bill&gt;"),
        ("one\ntwo\r\n\tthree", "one two three"),
        ("\u202egnp.exe\x00\x1b[31m", "gnp.exe [31m"),
        ("&" * 500, "&amp;" * (MAX_CHARACTERS - 1) + "…"),
    ],
)  # fmt: skip
def test_slack_shows_hostile_text_as_text(text: str, shown: str) -> None:
    told = slack(report(reason=text, columns=(column("x", "alarm", sentence=text),)))
    assert f"*flights: retrain* {shown}\n" in told
    assert f"• x: {shown}\n" in told


def test_a_long_report_makes_a_short_message() -> None:
    columns = tuple(column(f"c{n}", "alarm", sentence="&" * 10_000) for n in range(1000))
    checks = tuple(check(f"c{n}", "null", "alarm", sentence="<" * 10_000) for n in range(1000))
    made = report(columns=columns, quality=checks, next_steps=(">" * 10_000,) * 1000)
    assert len(slack(made)) < 20_000
    assert len(json.dumps(message(made, settings("json")).document)) < 20_000


@given(reports)
@example(report(data="<!here>"))
def test_any_report_makes_both_messages(made: DriftReport) -> None:
    told = slack(made)
    assert not {"<", ">"} & set(told)
    assert all(letter.isprintable() for letter in told.replace("\n", ""))
    document = message(made, settings("json")).document
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_a_line_that_fits_is_whole_and_a_longer_one_is_cut() -> None:
    assert line("x" * MAX_CHARACTERS) == "x" * MAX_CHARACTERS
    assert line("x" * (MAX_CHARACTERS + 1)) == "x" * (MAX_CHARACTERS - 1) + "…"


EVIDENCE = report().evidence


@pytest.mark.parametrize(
    "changes",
    [
        {"diagnosis": "fix_data"},
        {"model": OTHER},
        {"data": "weather"},
        {"window": report().window.model_copy(update={"zone": "UTC"})},
        {"evidence": EVIDENCE.model_copy(update={"files": {"reference/index.json": OTHER}})},
        {"evidence": EVIDENCE.model_copy(update={"code_sha256": OTHER})},
    ],
)
def test_another_diagnosis_window_model_or_evidence_has_another_key(
    changes: dict[str, Any],
) -> None:
    assert idempotency_key(report(**changes)) != idempotency_key(report())


def test_the_order_of_evidence_and_the_words_change_no_key() -> None:
    files = {f"{n}.bin": OTHER for n in range(9)}
    keys = {
        idempotency_key(
            report(
                reason=reason,
                outcomes=outcomes(sentence=reason),
                evidence=Evidence(files=dict(order), code_sha256=OTHER, version="0.1.0"),
            )
        )
        for reason in ("moved", "shifted")
        for order in (files.items(), reversed(files.items()))
    }
    assert len(keys) == 1
    assert message(report(), settings("slack")).key == message(report(), settings("json")).key


def test_a_signature_is_the_hmac_of_time_and_body() -> None:
    made = hmac.new(b"key of the receiver", b'1700000000.{"a": 1}', hashlib.sha256).hexdigest()
    assert signature("key of the receiver", 1_700_000_000, b'{"a": 1}') == f"v1={made}"


def test_every_diagnosis_that_can_be_told_has_an_alert() -> None:
    told = Alerts.model_fields["webhook"].annotation.model_json_schema()
    choices = told["properties"]["diagnoses"]["items"]["enum"]
    assert set(choices) == set(OF_DIAGNOSIS)
    assert set(OF_DIAGNOSIS.values()) <= set(get_args(Alert))
