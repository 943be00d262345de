"""mooring alerts: write the alert rules that conf/alerts says, print them, or check them."""

import argparse
from pathlib import Path

from mooring import files
from mooring.config.alerts import Alerts
from mooring.config.data import Data
from mooring.config.load import load
from mooring.manifests.alert_rules import groups, prometheus_rule
from mooring.manifests.rendering import as_yaml

RULES = Path("argo/monitoring/drift-rules.yaml")
HEADER = "# Written by 'mooring alerts' from conf/alerts: edit that, not this.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    what.add_argument(
        "--plain",
        action="store_true",
        help="print the groups alone, a file of rules for a Prometheus without its operator",
    )


def run(options: argparse.Namespace) -> int:
    """Return 1 when --check finds that the file is not what conf/alerts says."""
    settings, data = load(Alerts), load(Data).name
    if options.plain:
        print(as_yaml(groups(settings, data)), end="")
        return 0
    text = HEADER + as_yaml(prometheus_rule(settings, data))
    if options.check:
        same = RULES.is_file() and RULES.read_text(encoding="utf-8") == text
        said = "is what" if same else "is not what"
        print(f"{RULES} {said} conf/alerts says")
        if not same:
            print("fix: run 'mooring alerts'")
        return 0 if same else 1
    files.write_text(RULES, text)
    print(f"{RULES} written")
    return 0
