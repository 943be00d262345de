"""Publish a drift report to Prometheus, and send new diagnoses of conf/alerts to a webhook.

Idempotent: gauges are replaced, and no message is sent twice.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mooring.alerts import history
from mooring.alerts.gauges import Moments, gauges, run_gauge
from mooring.alerts.message import message
from mooring.alerts.sending.prometheus import publish
from mooring.alerts.sending.receivers import secret_of, url_of
from mooring.alerts.sending.webhook import post
from mooring.config.alerts import Alerts
from mooring.diagnosis.report import DriftReport
from mooring.files import short
from mooring.records import labels, snapshots
from mooring.records.store import Store

Say = Callable[[str], None]
"""A function that takes one line about what was done."""


def notify(settings: Alerts, report: DriftReport, moments: Moments, past: Path, say: Say) -> None:
    """Publish the gauges of a report and of its run, then send the message unless `past` contains it.

    The message is sent even if the Pushgateway is down. Raises EnvironmentFault when a configured
    destination does not accept its data.
    """
    name, group = (
        f"{report.data}_{short(report.model)}",
        {"data": report.data, "model": report.model},
    )
    try:
        for line in publish(gauges(report, moments), name, group, settings):
            say(line)
        publish_run(settings, report.data, moments.run, say)
    finally:
        say(tell(settings, report, past, datetime.fromtimestamp(moments.run, UTC)))


def publish_run(settings: Alerts, data: str, at: float, say: Say) -> None:
    """Publish that the job has run, separately from its models' gauges, which a failure leaves unchanged."""
    for line in publish(run_gauge(data, at), f"{data}_run", {"data": data}, settings):
        say(line)


def moments_of(store: str | None, label_store: str | None, model: str, now: float) -> Moments:
    """Return when the model's newest profile and the newest label were stored, and `now`.

    Labels are read from `label_store`, else from `store`; None means no store.
    """
    profile = label = None
    if store is not None:
        with Store(store) as opened:
            profile = opened.newest(f"{snapshots.DIRECTORY}/{model}")
            label = None if label_store else opened.newest(labels.DIRECTORY)
    if label_store:
        with Store(label_store) as opened:
            label = opened.newest()
    return Moments(now, profile, label)


def tell(settings: Alerts, report: DriftReport, path: Path, now: datetime) -> str:
    """Send the message about a report unless it was sent before or is not wanted; return what was done.

    The history is written after sending: a kill in between repeats the message, with the same key.
    """
    webhook = settings.webhook
    url = url_of(webhook.url_env)
    if url is None:
        return f"no message: ${webhook.url_env} is not set"
    if report.diagnosis not in webhook.diagnoses:
        return f"no message: alerts.webhook.diagnoses does not contain {report.diagnosis}"
    secret = secret_of(webhook.secret_env, required=webhook.form == "json")
    past, name, content = history.read_history(path), history.of(report), message(report, settings)
    last_sent = past.models.get(name)
    why = history.withheld(last_sent, report.diagnosis, content.key, now, webhook.cooldown_h)
    if why:
        return f"no message: {why}"
    post(url, secret, content, webhook)
    last_sent = history.after(last_sent, report.diagnosis, content.key, now)
    history.write_history(path, past, name, last_sent)
    return f"message sent to ${webhook.url_env}"
