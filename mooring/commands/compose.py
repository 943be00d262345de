"""mooring compose: write params.yaml from conf/, or check that both agree."""

import argparse

from mooring.composition import compose


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--check", action="store_true", help="write nothing; print the keys that differ and exit 1"
    )


def run(options: argparse.Namespace) -> int:
    """Return 1 when --check finds a difference."""
    if not options.check:
        compose.write()
        print("params.yaml matches conf/")
        return 0
    lines = compose.differences()
    if lines:
        print("\n".join(lines))
        print("fix: run 'mooring compose', or write the values that you want into conf/")
        return 1
    print("params.yaml matches conf/")
    return 0
