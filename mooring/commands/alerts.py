"""mooring alerts: write the Prometheus alert rules from conf/alerts, print them, or check them."""

import argparse
from pathlib import Path

from mooring import files
from mooring.config.alerts import Alerts
from mooring.config.data import Data
from mooring.config.load import load
from mooring.manifests.alert_rules import groups, prometheus_rule
from mooring.manifests.yaml_text import as_yaml

RULES = Path("argo/monitoring/drift-rules.yaml")
HEADER = "# Written by 'mooring alerts' from conf/alerts: edit conf/alerts, not this file.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; exit 1 if rules differ")
    what.add_argument(
        "--plain",
        action="store_true",
        help="print a plain rules file, for a Prometheus without the operator",
    )


def run(options: argparse.Namespace) -> int:
    """Write, print or check the rules; return 1 when --check finds a difference."""
    settings, data = load(Alerts), load(Data).name
    if options.plain:
        print(as_yaml(groups(settings, data)), end="")
        return 0
    text = HEADER + as_yaml(prometheus_rule(settings, data))
    if options.check:
        same = RULES.is_file() and RULES.read_text(encoding="utf-8") == text
        print(f"{RULES} {'matches' if same else 'does not match'} conf/alerts")
        if not same:
            print("fix: run 'mooring alerts'")
        return 0 if same else 1
    files.write_text(RULES, text)
    print(f"{RULES} written")
    return 0
