"""mooring ab: compare challenger and champion in production; exit 1 unless the verdict is merge."""

import argparse
import json
from datetime import date
from typing import get_args

from mooring.ab.joining import join
from mooring.ab.models import pick
from mooring.ab.verdict import Terms, compare
from mooring.config.data import Data
from mooring.config.load import load
from mooring.config.report import Report
from mooring.errors import ConfigError
from mooring.metrics.losses import LOSSES_OF_TASK, ClassificationLoss, Loss, RegressionLoss
from mooring.option_types import fraction
from mooring.records.label_files import read_labels
from mooring.records.log import read_predictions
from mooring.release.champion import released_digests
from mooring.reports.ab import lines

ALL_LOSSES = (*get_args(ClassificationLoss), *get_args(RegressionLoss))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("log", help="URL of the prediction log")
    add("labels", help="URL of the labels: a Parquet or CSV file, or a directory of them")
    add("--champion", metavar="DIGEST", help="digest or prefix (default: the released model)")
    add("--challenger", metavar="DIGEST", help="digest or prefix (default: the log's other model)")
    add("--metric", choices=ALL_LOSSES, help="default: brier, or squared_error for regression")
    add("--threshold", type=float, help="for --metric error (default: report.threshold)")
    add("--label-key", metavar="COLUMN", help="key column of the labels (default: data.key)")
    add("--label", metavar="COLUMN", help="label column (default: data.target.column)")
    add("--since", type=date.fromisoformat, metavar="DAY", help="first day to read")
    add("--until", type=date.fromisoformat, metavar="DAY", help="last day to read")
    add("--alpha", type=fraction, default=0.05, help="false-alarm rate over all looks")
    add("--tuned-blocks", type=int, default=28, help="days at which the interval is narrowest")
    add("--challenger-share", type=fraction, help="declared share of keys, to check")
    add("--json", action="store_true", help="print everything as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the comparison; return 0 only for `merge`."""
    data = load(Data)
    predictions = read_predictions(options.log, since=options.since, until=options.until)
    labels = read_labels(
        options.labels, options.label_key or data.key, options.label or data.target.column
    )
    digests = predictions["model"].unique().to_pylist()
    champion, challenger = pick(digests, options.champion, options.challenger, released_digests())
    comparison = compare(join(predictions, labels, champion, challenger), _terms(options, data))
    if options.json:
        print(json.dumps(comparison.plain(), indent=2, sort_keys=True, allow_nan=False))
    else:
        print("\n".join(lines(comparison)))
    return 0 if comparison.verdict == "merge" else 1


def _terms(options: argparse.Namespace, data: Data) -> Terms:
    losses = LOSSES_OF_TASK[data.task]
    loss: Loss = options.metric or losses[0]
    if loss not in losses:
        raise ConfigError(
            f"--metric {loss} is not for {data.task}", expected=f"one of {', '.join(losses)}"
        )
    if options.tuned_blocks < 1:
        raise ConfigError(f"--tuned-blocks {options.tuned_blocks}", expected="at least 1")
    threshold = load(Report).threshold if options.threshold is None else options.threshold
    return Terms(
        loss=loss,
        threshold=threshold,
        alpha=options.alpha,
        tuned_blocks=options.tuned_blocks,
        zone=data.time.zone if data.time else None,
        challenger_share=options.challenger_share,
    )
