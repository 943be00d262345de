"""mooring experiment promote: write a DVC experiment's settings into conf/, training nothing."""

import argparse

from mooring.composition.adoption import promote


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    command = actions.add_parser("promote", help="make conf/ compose to what an experiment ran")
    command.add_argument("name", help="the experiment's name or sha, as 'dvc exp show' prints it")


def run(options: argparse.Namespace) -> int:
    """Print what changed in conf/."""
    promotion = promote(options.name)
    for path, lines in promotion.changes.items():
        print("\n  ".join([str(path), *lines]))
    if promotion.changes:
        print(f"conf/ composes to what {promotion.experiment} ran; run 'dvc repro' to restore it")
    else:
        print(f"conf/ already composes to what {promotion.experiment} ran")
    return 0
