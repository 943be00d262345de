"""mooring notify: send a drift report to Prometheus, and to a webhook on some verdicts.

Run it after each drift job; with --failed after a job that made no report.
"""

import argparse
import os
import time
from pathlib import Path

from mooring.alerts.sending.notification import moments_of, notify, publish_run
from mooring.config.alerts import Alerts
from mooring.config.data import Data
from mooring.config.load import load
from mooring.diagnosis.report_file import REPORT, read_report
from mooring.errors import IntegrityError
from mooring.records.location import location

HISTORY = Path(".mooring/notified.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("report", nargs="?", type=Path, help="reports/drift/<window>")
    what.add_argument(
        "--failed", action="store_true", help="report that the drift job made no report"
    )
    add = parser.add_argument
    add("--store", help="directory or URL (default: $MOORING_STORE, else .mooring/store)")
    add("--labels", metavar="URL", help="file or directory (default: the store's labels, if any)")
    kept = "file of sent messages; must outlive the job (default: %(default)s)"
    add("--history", type=Path, default=HISTORY, help=kept)


def run(options: argparse.Namespace) -> int:
    """Print what was done, one line each."""
    settings, data, now = load(Alerts), load(Data).name, time.time()
    if options.failed:
        publish_run(settings, data, now, print)
        return 0
    path = options.report / REPORT if options.report.is_dir() else options.report
    report = read_report(path)
    if report.data != data:  # the alert rules are for another data set
        raise IntegrityError(
            "is a report on another data set", where=str(path), expected=data, got=report.data
        )
    store = location(options.store, os.environ)
    moments = moments_of(store, options.labels, report.model, now)
    notify(settings, report, moments, options.history, print)
    return 0
