"""mooring notify: tell Prometheus what a drift report says, and a webhook if the verdict matters.

Run it after each drift job; with --failed after one that made no report. It may be run again: gauges are
replaced, and the webhook is told nothing twice.
"""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from mooring.alerts import history
from mooring.alerts.gauges import Moments, gauges, run_gauge
from mooring.alerts.message import message
from mooring.alerts.sending.address import secret_of, url_of
from mooring.alerts.sending.prometheus import publish
from mooring.alerts.sending.webhook import post
from mooring.config.alerts import Alerts
from mooring.config.data import Data
from mooring.config.load import load
from mooring.diagnosis.report import DriftReport
from mooring.diagnosis.report_file import REPORT, read_report
from mooring.errors import IntegrityError
from mooring.records import labels, snapshots
from mooring.records.location import location
from mooring.records.store import Store

HISTORY = Path(".mooring/notified.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("report", nargs="?", type=Path, help="reports/drift/<window>")
    what.add_argument("--failed", action="store_true", help="the drift job made no report")
    parser.add_argument(
        "--store", help="directory or URL (default: $MOORING_STORE, else .mooring/store)"
    )
    parser.add_argument(
        "--labels", metavar="URL", help="a file or a directory; else those in the store, if any"
    )
    parser.add_argument(
        "--history",
        type=Path,
        default=HISTORY,
        help="what was told; must outlast the job (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Print what was done, one line each."""
    settings, data = load(Alerts), load(Data).name
    now = datetime.now(UTC)
    if options.failed:
        _print(publish_run(settings, data, now))
        return 0
    path = options.report / REPORT if options.report.is_dir() else options.report
    report = read_report(path)
    _check_data(report, data, path)
    moments = Moments(now.timestamp(), *_newest(options, report.model))
    try:
        name, group = f"{data}_{report.model[:12]}", {"data": data, "model": report.model}
        _print(publish(gauges(report, moments), name, group, settings))
        _print(publish_run(settings, data, now))
    finally:  # a Pushgateway that is down must not keep the message back
        print(tell(settings, report, options.history, now))
    return 0


def publish_run(settings: Alerts, data: str, now: datetime) -> list[str]:
    """Publish that the job has run, apart from its models' gauges: a failure leaves those as they were."""
    return publish(run_gauge(data, now.timestamp()), f"{data}_run", {"data": data}, settings)


def tell(settings: Alerts, report: DriftReport, path: Path, now: datetime) -> str:
    """Send the message about a report unless it has been told or need not be; return what was done.

    The history is written once the message has gone: a kill between the two repeats it, with the same key.
    """
    webhook = settings.webhook
    url = url_of(webhook.url_env)
    if url is None:
        return f"no message: ${webhook.url_env} is not set"
    if report.verdict not in webhook.verdicts:
        return f"no message: {report.verdict} is not among alerts.webhook.verdicts"
    secret = secret_of(webhook.secret_env, required=webhook.form == "json")
    past, name, content = history.read_history(path), history.of(report), message(report, settings)
    told = past.models.get(name)
    why = history.withheld(told, report.verdict, content.key, now, webhook.cooldown_h)
    if why:
        return f"no message: {why}"
    post(url, secret, content, webhook)
    told = history.after(told, report.verdict, content.key, now)
    history.write_history(path, past, name, told)
    return f"message sent to ${webhook.url_env}"


def _newest(options: argparse.Namespace, model: str) -> tuple[float | None, float | None]:
    """Return when the model's newest profile and the newest label were stored."""
    profile = label = None
    url = location(options.store, os.environ)
    if url is not None:
        with Store(url) as store:
            profile = store.newest(f"{snapshots.DIRECTORY}/{model}")
            label = None if options.labels else store.newest(labels.DIRECTORY)
    if options.labels:
        with Store(options.labels) as store:
            label = store.newest()
    return profile, label


def _check_data(report: DriftReport, data: str, path: Path) -> None:
    """Raise IntegrityError unless the report is of the data that the alert rules are for."""
    if report.data != data:
        raise IntegrityError(
            "is a report of other data", where=str(path), expected=data, got=report.data
        )


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line)
