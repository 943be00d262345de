"""Check that reports/gate.json is the verdict that the graph wrote."""

from pathlib import Path

import yaml

from mooring import files
from mooring.errors import IntegrityError

GATE = Path("reports/gate.json")
LOCK = Path("dvc.lock")


def refuse_unproved() -> None:
    """Raise IntegrityError when reports/gate.json does not match its hash in dvc.lock."""
    fix = "run 'dvc repro'"
    try:
        lock = yaml.load(LOCK.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        outs = [out for stage in lock["stages"].values() for out in stage.get("outs", [])]
        (recorded,) = (out["md5"] for out in outs if out["path"] == str(GATE))
        digest = files.md5_file(GATE)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError(
            "records no verdict", where=str(LOCK), got=str(error), fix=fix
        ) from error
    if digest != recorded:
        raise IntegrityError(
            "has changed since the graph wrote it",
            where=str(GATE),
            expected=f"md5 {recorded}, from {LOCK}",
            got=f"md5 {digest}",
            fix=fix,
        )
