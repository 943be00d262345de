"""mooring replay: send past days to a scorer as traffic; exit 1 unless all rows were scored."""

import argparse
import json
import os
import sys
from datetime import date
from pathlib import Path

from mooring.config.data import Data
from mooring.config.load import load
from mooring.option_types import count, days_per_second, delay, seconds
from mooring.records.location import required_location
from mooring.replay.execution import How, LabelPlan, replay
from mooring.replay.faults import FORMS, SHARE, parse
from mooring.replay.past_rows import window_of
from mooring.replay.plan import Plan
from mooring.replay.traffic.address import address_of
from mooring.replay.traffic.sender import SendOptions

ROWS = Path("data/rows.parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    day = date.fromisoformat
    add("--from", type=day, metavar="DAY", dest="first", required=True, help="first day to send")
    add("--to", type=day, metavar="DAY", dest="last", required=True, help="last day to send")
    add("--url", default="http://127.0.0.1:3000", help="the scorer's URL (default: %(default)s)")
    add("--speed", type=days_per_second, help="days per second, or max (default: max)")
    add("--concurrency", type=count, default=16, metavar="N", help="open requests (default: 16)")
    add("--batch", type=count, default=1, metavar="N", help="rows per request (default: 1)")
    add("--rows", type=Path, default=ROWS, help="Parquet file of rows (default: %(default)s)")
    label = "write each label to the store this long after its row, such as 1d (default: no labels)"
    add("--label-delay", type=delay, metavar="TIME", help=label)
    add("--store", help="store for the labels (default: $MOORING_STORE, else .mooring/store)")
    forms = f"{'; '.join(FORMS.values())}; {SHARE}; repeatable"
    add("--fault", action="append", default=[], help=forms)
    add(
        "--timeout",
        type=seconds,
        default=30.0,
        metavar="S",
        help="seconds per answer (default: 30)",
    )
    down = "seconds to retry while the scorer is down or refuses everything (default: 60)"
    add("--patience", type=seconds, default=60.0, metavar="S", help=down)
    add("--restart", action="store_true", help="forget earlier runs and send everything again")
    add("--json", action="store_true", help="print the figures as JSON")


def run(options: argparse.Namespace) -> int:
    """Send the requests without an answer yet, and print the figures; return 0 if all rows were scored."""
    data, address = load(Data), address_of(options.url)
    window = window_of(data, options.first, options.last)
    faults = tuple(parse(text, data) for text in options.fault)
    plan = Plan(options.rows, data, window, options.batch, faults, address.url)
    terms = SendOptions(options.concurrency, options.timeout, options.patience)
    how = How(address, terms, options.speed, not options.json, options.restart)
    late = None
    if options.label_delay is not None:
        store_url = required_location(options.store, os.environ, "--label-delay")
        late = LabelPlan(store_url, options.label_delay)
    figures, stopped = replay(plan, how, late)
    if options.json:
        print(json.dumps(figures.plain(), indent=2, sort_keys=True, allow_nan=False))
    else:
        print("\n".join(figures.lines()))
    if stopped:
        print(f"stopped: {stopped}; run the same command again to resume", file=sys.stderr)
    return 0 if figures.scored == figures.rows and not stopped else 1
