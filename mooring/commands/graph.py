"""mooring graph: write what each stage uses into dvc.yaml, or check that and code.yaml."""

import argparse

from mooring.graph import code, pipeline_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--check", action="store_true", help="write nothing; print what differs and exit 1"
    )


def run(options: argparse.Namespace) -> int:
    """Return 1 when --check finds a difference."""
    document, lines = pipeline_file.rewritten()
    stale = code.differences(code.current_digests())
    print("\n".join([*lines, *stale]) or "dvc.yaml and code.yaml match the stages")
    if lines and not options.check:
        pipeline_file.write(document)
    if lines and options.check:
        print("fix: run 'mooring graph'")
    if stale:
        print("fix: run 'dvc repro'")
    return 1 if options.check and (lines or stale) else 0
