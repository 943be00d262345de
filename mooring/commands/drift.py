"""mooring drift: compare serving with training, and write a report with its evidence; verify or pin one."""

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from mooring import files
from mooring.config.data import Data
from mooring.config.drift import Drift
from mooring.config.load import load
from mooring.config.outcomes import Outcomes
from mooring.config.runtime import Runtime
from mooring.diagnosis.assessment import assess
from mooring.diagnosis.pinning import PINNED, STAGE, pin
from mooring.diagnosis.report import DriftReport
from mooring.diagnosis.report_file import REPORT, read_report
from mooring.diagnosis.verification import verify
from mooring.errors import ConfigError, DataError
from mooring.evidence import bundle as evidence
from mooring.evidence import question as asking
from mooring.evidence.bundle import Settings
from mooring.outcomes.advisory import label_free_advisory
from mooring.outcomes.joining import join
from mooring.outcomes.reference import read_reference
from mooring.outcomes.tables import tabulate
from mooring.records import labels
from mooring.records.label_files import read_labels
from mooring.records.location import location
from mooring.records.log import read_predictions
from mooring.records.store import Store
from mooring.reports.drift import facts
from mooring.reports.drift.files import EVIDENCE, PAGE, write_report

REFERENCE, REFERENCE_OUTCOMES = Path("models/reference"), Path("models/reference_outcomes.json")
SPEC = Path("models/scorer/spec.json")
REPORTS = Path("reports/drift")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("what", nargs="?", choices=["judge", "verify", "pin"], default="judge")
    add("report", nargs="?", type=Path, help="for verify and pin: reports/drift/<window>")
    add("--window", metavar="DAY..DAY", help="else the newest of complete days")
    add("--store", help="directory or URL (default: $MOORING_STORE, else .mooring/store)")
    add("--model", metavar="DIGEST", help="else the model of this commit")
    add("--reference", type=Path, default=REFERENCE, help="default: %(default)s")
    add("--labels", metavar="URL", help="a file or a directory; else those in the store, if any")
    add("--label-key", metavar="COLUMN", help="with --labels; else data.key of params.yaml")
    add("--label", metavar="COLUMN", help="with --labels; else data.target.column of params.yaml")


def run(options: argparse.Namespace) -> int:
    """Write a report and print it, make one again and compare, or keep one in the graph."""
    if options.what != "judge":
        return _verify(options) if options.what == "verify" else _pin(options)
    _check_options(options)
    store_url = location(options.store, os.environ)
    if store_url is None:
        raise ConfigError("drift needs a store", expected="a directory or URL", got="off")
    with Store(store_url) as store:
        settings = _settings(options, store)
        target = REPORTS / f"{settings.first}..{settings.last}"
        with files.replacing_directory(target) as temporary:
            directory = temporary / EVIDENCE
            evidence.write_settings(directory, settings)
            evidence.copy_reference(options.reference, directory)
            evidence.copy_profiles(store, settings, directory)
            known = _labels(options, store, settings.data)
            if known is not None:
                _add_outcomes(known, store_url, settings, directory)
            report = assess(directory, options.reference)
            if (target / REPORT).is_file():
                before = read_report(target / REPORT).evidence.files
                evidence.check_newer(before, report.evidence.files, target)
            write_report(temporary, report)
    print("\n".join(lines(report)))
    print(f"\n{target / PAGE}\n{target / REPORT}")
    return 0


def _check_options(options: argparse.Namespace) -> None:
    """Raise ConfigError for what would be named in vain."""
    if options.report is not None:
        raise ConfigError(
            "a report is named, and none is judged: days are",
            expected="mooring drift, perhaps with --window DAY..DAY",
            got=str(options.report),
            mend=f"mooring drift verify {options.report}",
        )
    if not options.labels and (options.label_key or options.label):
        raise ConfigError("--label-key and --label are of no use without --labels")


def _settings(options: argparse.Namespace, store: Store) -> Settings:
    drift = load(Drift)
    model = asking.model_named(store, options.model or files.read_json(SPEC)["model_sha256"])
    days = asking.served_days(store, model)
    first, last = (
        asking.window_named(options.window, days)
        if options.window
        else asking.newest_window(days, drift.window_days)
    )
    newest = max(asking.newest_day(days, drift.window_days), last)
    if newest < days[-1] and not options.window:  # on stderr: stdout ends with the report's path
        told = f"{days[-1]} stands alone after {newest}: the days before are judged"
        print(f"{told}, others with --window DAY..DAY", file=sys.stderr)
    return Settings(
        model=model,
        first=first,
        last=last,
        newest=newest,
        seed=load(Runtime).seed,
        data=load(Data),
        drift=drift.model_copy(update={"window_days": (last - first).days + 1}),
        outcomes=load(Outcomes),
    )


def _labels(options: argparse.Namespace, store: Store, data: Data) -> pa.Table | None:
    """Return key and label of what is known, None where nobody says where labels are."""
    if options.labels:
        key, label = options.label_key or data.key, options.label or data.target.column
        return read_labels(options.labels, key, label)
    if store.newest(labels.DIRECTORY) is not None:  # a directory may be empty
        return read_labels(f"{store.url}/{labels.DIRECTORY}", "key", "label")
    return None


def _add_outcomes(known: pa.Table, store_url: str, settings: Settings, directory: Path) -> None:
    """Add the outcomes by day of the predictions that are old enough to have a label."""
    data = settings.data
    predictions = read_predictions(store_url, since=settings.since, until=settings.last)
    as_of = np.datetime64(settings.newest + 2 * evidence.DAY, "us")  # in every zone its day is over
    joined = join(
        predictions.filter(predictions["returned"]),
        known,
        settings.model,
        task=data.task,
        zone=settings.zone,
        as_of=as_of,
        label_delay_days=settings.outcomes.label_delay_days,
    )
    reference = read_reference(REFERENCE_OUTCOMES)
    tables = tabulate(data.task, reference.edges, joined.days, joined.scores, joined.labels)
    files.write_bytes(directory / evidence.OUTCOMES, tables.encode())
    files.write_bytes(directory / evidence.REFERENCE_OUTCOMES, REFERENCE_OUTCOMES.read_bytes())
    inside = (joined.days >= str(settings.first)) & (joined.days <= str(settings.last))
    classified = data.task == "classification"
    advice = dataclasses.asdict(label_free_advisory(joined.scores[inside])) if classified else {}
    files.write_json(directory / evidence.ADVISORY, advice)


def _verify(options: argparse.Namespace) -> int:
    top = _top(options)
    report = verify(top, options.reference)
    n_files = len(report.evidence.files)
    print(f"{top / REPORT}: {report.verdict}, made again from {n_files} files, to the last digit")
    return 0


def _pin(options: argparse.Namespace) -> int:
    pin(_top(options), options.reference)
    print(f"pinned in {PINNED}. To judge it in the graph: dvc repro {STAGE}")
    print(f"To keep it: git add dvc.yaml dvc.lock {PINNED}, and dvc push")
    return 0


def _top(options: argparse.Namespace) -> Path:
    """Return the directory of the report that is named. Raises DataError where none is."""
    if options.report is None:
        raise DataError(
            f"no report to {options.what}",
            expected=f"mooring drift {options.what} {REPORTS}/FIRST..LAST",
        )
    named: Path = options.report
    return named.parent if named.name == REPORT else named


def lines(report: DriftReport) -> list[str]:
    """Return the verdict and a table, as plain text."""
    found = [
        f"{report.verdict}: {report.reason}",
        f"{report.data}, {report.window.first} to {report.window.last} ({report.window.zone}), "
        f"{sum(day.rows for day in report.window.days):,} rows, model {report.model[:12]}",
    ]
    judged = [*([report.score] if report.score else []), *report.columns]
    shown = facts.shown(judged)
    if judged:
        found += ["", f"{'column':28} {'level':12} {'effect':>7} {'excess':>7} {'limit':>7}"]
    found += [
        f"{json.dumps(each.spoken)[1:-1][:28]:28} {each.level:12} "
        f"{_number(each.effect)} {_number(each.excess)} {_number(each.threshold)}"
        for each in shown
    ]
    if len(shown) < len(judged):
        found.append(f"{len(judged) - len(shown)} columns of segments do not stand out")
    found += [
        f"quality {each.level}: {each.column or 'volume'}: {each.sentence}"
        for each in report.quality
    ]
    if report.outcomes is not None:
        found += ["", f"outcomes {report.outcomes.level}: {report.outcomes.sentence}"]
    return [*found, "", *report.next_steps]


def _number(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3f'):>7}"
