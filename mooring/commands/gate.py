"""mooring gate: print the verdict of reports/gate.json; exit 1 unless it is `merge`."""

import argparse

from mooring import files
from mooring.evaluation.recorded_verdict import GATE, refuse_unproved


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print the whole file")


def run(options: argparse.Namespace) -> int:
    """Print the verdict and its reasons; return 0 only for `merge`.

    Raises IntegrityError when dvc.lock records another file.
    """
    refuse_unproved()
    gate = files.read_json(GATE)
    if options.json:
        print(GATE.read_text(encoding="utf-8"), end="")
    else:
        print(f"verdict: {gate['verdict']}")
        print("\n".join(f"  {reason}" for reason in gate["reasons"]))
    return 0 if gate["verdict"] == "merge" else 1
