"""mooring experiment adopt: write a DVC experiment's settings into conf/, without training."""

import argparse

from mooring.composition.adoption import adopt


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    command = actions.add_parser("adopt", help="make conf/ compose to what an experiment ran")
    command.add_argument("name", help="the experiment's name or sha, as 'dvc exp show' prints it")


def run(options: argparse.Namespace) -> int:
    """Print what changed in conf/."""
    adoption = adopt(options.name)
    for path, lines in adoption.changes.items():
        print("\n  ".join([str(path), *lines]))
    if adoption.changes:
        print(f"conf/ composes to what {adoption.experiment} ran; run 'dvc repro' to restore it")
    else:
        print(f"conf/ already composes to what {adoption.experiment} ran")
    return 0
