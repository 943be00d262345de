"""mooring graph: write the modules and sections that each stage uses into dvc.yaml, or check them."""

import argparse

from mooring.graph import pipeline_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--check", action="store_true", help="write nothing; print what differs and exit 1"
    )


def run(options: argparse.Namespace) -> int:
    """Return 1 when --check finds a difference."""
    document, lines = pipeline_file.rewritten()
    print("\n".join(lines) or "dvc.yaml lists the modules and sections that its stages use")
    if options.check:
        if lines:
            print("fix: run 'mooring graph'")
        return 1 if lines else 0
    if lines:
        pipeline_file.write(document)
    return 0
