"""mooring gate: print the verdict of reports/gate.json; exit 1 unless it is `merge`."""

import argparse
from pathlib import Path

import yaml

from mooring import files
from mooring.errors import IntegrityError

GATE = Path("reports/gate.json")
LOCK = Path("dvc.lock")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print the whole file")


def run(options: argparse.Namespace) -> int:
    """Print the verdict and its reasons; return 0 only for `merge`.

    Raises IntegrityError when the file is not the one that dvc.lock proves.
    """
    _refuse_unproved()
    gate = files.read_json(GATE)
    if options.json:
        print(GATE.read_text(encoding="utf-8"), end="")
    else:
        print(f"verdict: {gate['verdict']}")
        print("\n".join(f"  {reason}" for reason in gate["reasons"]))
    return 0 if gate["verdict"] == "merge" else 1


def _refuse_unproved() -> None:
    mend = "run 'dvc repro'"
    try:
        lock = yaml.load(LOCK.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        outs = [out for stage in lock["stages"].values() for out in stage.get("outs", [])]
        (recorded,) = (out["md5"] for out in outs if out["path"] == str(GATE))
        found = files.md5_file(GATE)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError(
            "no verdict was recorded", where=str(LOCK), got=str(error), mend=mend
        ) from error
    if found != recorded:
        raise IntegrityError(
            "is not what the graph wrote",
            where=str(GATE),
            expected=f"md5 {recorded}, from {LOCK}",
            got=f"md5 {found}",
            mend=mend,
        )
