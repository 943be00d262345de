"""The webhook message about a drift report: a deterministic JSON document or Slack text.

Texts from data become one truncated line, escaped for Slack. The idempotency key identifies the diagnosis,
the window and the evidence, so that a receiver can drop repeated messages.
"""

import hmac
import json
from dataclasses import dataclass
from typing import Any

from mooring.alerts.runbooks import runbook
from mooring.config.alerts import Alerts
from mooring.diagnosis.report import DriftReport, Part, Parts
from mooring.drift.levels import STANDS_OUT
from mooring.files import sha256_bytes, short
from mooring.profiles.segments import spoken
from mooring.reports.kit import wording

SCHEMA = 2
MAX_CHARACTERS = 200
"""The most characters of one text from a report."""
MAX_FINDINGS = 5
"""The most columns, checks and figures in a message; the report has all."""


@dataclass(frozen=True)
class Message:
    """A message about the diagnosis of one model."""

    key: str
    """The Idempotency-Key: a sha256 in hex."""
    document: dict[str, Any]
    """The body, as plain JSON values."""


def message(report: DriftReport, settings: Alerts) -> Message:
    """Return the message about a report, in the form of conf/alerts."""
    content = _document(report, settings)
    if settings.webhook.form == "slack":
        return Message(content["key"], {"text": _slack_text(content)})
    return Message(content["key"], content)


def idempotency_key(report: DriftReport) -> str:
    """Return the sha256 that identifies a message: model, window, diagnosis and evidence."""
    window, evidence = report.window, report.evidence
    same = {
        "data": report.data,
        "model": report.model,
        "window": [window.first.isoformat(), window.last.isoformat(), window.zone],
        "diagnosis": report.diagnosis,
        "files": evidence.files,
        "code_sha256": evidence.code_sha256,
    }
    return sha256_bytes(json.dumps(same, sort_keys=True).encode())


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return `v1=` and the HMAC-SHA256, in hex, of the timestamp, a dot and the body (RFC 2104)."""
    signed = f"{timestamp}.".encode() + body
    return f"v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"


def _document(report: DriftReport, settings: Alerts) -> dict[str, Any]:
    columns = [*report.columns, *([report.score] if report.score else [])]
    outcomes = report.outcomes
    figures = outcomes.figures if outcomes else ()
    return {
        "schema": SCHEMA,
        "key": idempotency_key(report),
        "diagnosis": report.diagnosis,
        "reason": line(report.reason),
        "data": line(report.data),
        "model": report.model,
        "window": {
            "first": report.window.first.isoformat(),
            "last": report.window.last.isoformat(),
            "zone": line(report.window.zone),
        },
        "parts": {name: _part(getattr(report.parts, name)) for name in Parts.model_fields},
        "columns": _named(columns, "name", "segment", "level", "effect", "sentence"),
        "quality": _named(report.quality, "column", "check", "level", "sentence"),
        "figures": _named(figures, "metric", "level", "value", "limit"),
        "outcomes": outcomes and {"level": outcomes.level, "sentence": line(outcomes.sentence)},
        "next_steps": [line(step) for step in report.next_steps[:MAX_FINDINGS]],
        "runbook": runbook(settings.runbooks, report.diagnosis),
    }


def _part(part: Part) -> dict[str, Any]:
    return {"level": part.level, "checks_made": part.made, "checks_not_made": part.n_not_made}


def _named(findings: Any, *keys: str) -> list[dict[str, Any]]:
    telling = [finding for finding in findings if finding.level in STANDS_OUT][:MAX_FINDINGS]
    return [{key: _plain(getattr(finding, key)) for key in keys} for finding in telling]


def _plain(value: Any) -> Any:
    return line(value) if isinstance(value, str) else value


def line(value: str) -> str:
    """Return a text as one line of at most MAX_CHARACTERS printable characters."""
    return wording.line(value, MAX_CHARACTERS)


def _slack_text(content: dict[str, Any]) -> str:
    """Return the text that Slack shows, in its mrkdwn.

    Escaped as in https://docs.slack.dev/messaging/formatting-message-text
    """
    window = content["window"]
    days = f"{window['first']} to {window['last']} ({window['zone']})"
    lines = [
        f"*{_escaped(content['data'])}: {content['diagnosis']}* {_escaped(content['reason'])}",
        f"Days {_escaped(days)}, model `{short(content['model'])}`",
        *(f"• {_escaped(text)}" for text in _sentences(content)),
        *(f"Next: {_escaped(text)}" for text in content["next_steps"]),
        f"Runbook: {_escaped(content['runbook'])}",
    ]
    return "\n".join(lines)


def _sentences(content: dict[str, Any]) -> list[str]:
    sentences = [f"{flaw['column'] or 'volume'}: {flaw['sentence']}" for flaw in content["quality"]]
    sentences += [
        f"{spoken(column['segment'], column['name'])}: {column['sentence']}"
        for column in content["columns"]
    ]
    return sentences + ([content["outcomes"]["sentence"]] if content["outcomes"] else [])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
