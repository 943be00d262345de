"""mooring drift: compare serving with the reference and write a report; verify or pin a report."""

import argparse
import os
import sys
from pathlib import Path

from mooring.config.data import Data
from mooring.config.drift import Drift
from mooring.config.load import load
from mooring.config.outcomes import Outcomes
from mooring.config.runtime import Runtime
from mooring.diagnosis.pinning import PINNED, STAGE, pin
from mooring.diagnosis.report_file import PAGE, REPORT
from mooring.diagnosis.verification import verify
from mooring.errors import ConfigError
from mooring.evidence.gathering import REFERENCE, Asked, Declared, LabelFile, settings_of
from mooring.records.location import required_location
from mooring.records.store import Store
from mooring.reports.drift.directory import REPORTS, make_report
from mooring.reports.drift.text import lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("what", nargs="?", choices=["judge", "verify", "pin"], default="judge")
    add("report", nargs="?", type=Path, help="report of verify or pin: reports/drift/<window>")
    add("--window", metavar="DAY..DAY", help="default: the newest window of complete days")
    add("--store", help="directory or URL (default: $MOORING_STORE, else .mooring/store)")
    add("--model", metavar="DIGEST", help="default: the reference's model")
    add("--reference", type=Path, default=REFERENCE, help="default: %(default)s")
    add("--labels", metavar="URL", help="file or directory (default: the store's labels, if any)")
    add("--label-key", metavar="COLUMN", help="key column of --labels (default: data.key)")
    add("--label", metavar="COLUMN", help="label column of --labels (default: data.target.column)")


def run(options: argparse.Namespace) -> int:
    """Judge a window, verify a report by recomputing it, or pin one in the graph."""
    if options.what == "judge":
        return _judge(options)
    if options.report is None:
        example = f"mooring drift {options.what} {REPORTS}/FIRST..LAST"
        raise ConfigError(f"no report to {options.what}", expected=example)
    named: Path = options.report
    top = named.parent if named.name == REPORT else named
    if options.what == "pin":
        pin(top, options.reference)
        print(f"pinned in {PINNED}; next: dvc repro {STAGE}")
        print(f"to commit it: git add dvc.yaml dvc.lock {PINNED}, then dvc push")
        return 0
    report = verify(top, options.reference)
    n_files = len(report.evidence.files)
    print(f"{top / REPORT}: {report.diagnosis}, recomputed bit for bit from {n_files} files")
    return 0


def _judge(options: argparse.Namespace) -> int:
    if options.report is not None:
        fix = f"mooring drift verify {options.report}"
        raise ConfigError("'mooring drift' judges days; it takes no report path", fix=fix)
    if not options.labels and (options.label_key or options.label):
        raise ConfigError("--label-key and --label require --labels")
    declared = Declared(load(Data), load(Drift), load(Outcomes), load(Runtime).seed)
    names = (options.label_key or declared.data.key, options.label or declared.data.target.column)
    labels = LabelFile(options.labels, *names) if options.labels else None
    with Store(required_location(options.store, os.environ, "drift")) as store:
        asked = Asked(options.model, options.window, options.reference)
        settings, ignored = settings_of(declared, store, asked)
        if ignored:  # on stderr: stdout ends with the report's path
            print(ignored, file=sys.stderr)
        directory, report = make_report(settings, store, options.reference, labels)
    print("\n".join(lines(report)))
    print(f"\n{directory / PAGE}\n{directory / REPORT}")
    return 0
