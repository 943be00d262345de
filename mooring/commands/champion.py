"""mooring champion fetch: fetch the champion's objects from the DVC remote into the cache."""

import argparse

from mooring.graph.settings import cache_directory
from mooring.release.champion import checked_members
from mooring.release.fetching import fetch
from mooring.release.pins import PRODUCTION, read_release


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("action", choices=["fetch"], help="fetch from the default DVC remote")


def run(options: argparse.Namespace) -> int:
    """Fetch the model that production's release pins, and check it."""
    pin = read_release(PRODUCTION).model
    if pin is None:
        print("nothing to fetch: production has no release, so there is no champion")
        return 0
    fetch(pin)
    n_files = len(checked_members(pin, cache_directory()))
    print(f"the champion is in the cache: {n_files} files, md5 {pin.md5}")
    return 0
