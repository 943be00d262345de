"""mooring doctor: check this machine, one line each; exit 1 if anything is wrong."""

import argparse

from mooring.doctor import examine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no options."""


def run(options: argparse.Namespace) -> int:
    """Print each finding as it is made; return 1 if one is wrong."""
    n_wrong = 0
    for finding in examine():
        print(finding, flush=True)
        n_wrong += finding.state == "WRONG"
    return 1 if n_wrong else 0
