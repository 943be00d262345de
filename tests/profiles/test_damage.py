"""Stored profiles are damaged at random: every one is refused, and no native parser ever sees it."""

import datetime
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mooring.errors import IntegrityError
from mooring.profiles.sketches import profile_blocks
from mooring.profiles.store import INDEX, read_sketches, write_profiles
from mooring.profiles.writing import profile_bytes
from mooring.records import snapshots
from mooring.records.parts import Part
from mooring.records.store import Store
from tests.support.project import ROOT

KINDS = {"x": "number", "c": "category"}
FACTS = {"data": "flights", "zone": "America/New_York"}
MODEL = "m" * 64


def write_both(directory: Path) -> list[Path]:
    """Write a reference of two days and a store with the same; return every file that is read."""
    draw = np.random.default_rng(1)
    columns = {"x": draw.normal(size=3000), "c": draw.choice(np.array(["a", "b"], object), 3000)}
    days = np.array(["2013-01-01", "2013-01-02"])[np.arange(3000) % 2]
    views = profile_blocks(columns, KINDS, days, are_days=True, facts={})
    write_profiles(directory / "reference", views, KINDS, FACTS)
    with Store(str(directory / "store")) as store:
        for number, (day, view) in enumerate(views.items()):
            content = profile_bytes(view)
            part = Part.of(f"w-{number}", 1, content, snapshots.SUFFIX)
            store.put(f"{snapshots.DIRECTORY}/{MODEL}/{day}", part, content)
    return sorted(path for path in directory.rglob("*") if path.is_file())


def refused(directory: Path, path: Path) -> bool:
    """Return whether what a damaged file belongs to is refused, by its name.

    Where an index is what differs from its files, one of theirs may be the name.
    """
    if "store" in path.parts:
        return refuses(lambda: list(snapshots.read_sketches(str(directory / "store"), MODEL)), path)
    return refuses(lambda: read_sketches(directory / "reference"), path)


def refuses(read: Callable[[], object], path: Path) -> bool:
    try:
        read()
    except IntegrityError as error:
        return path.name == INDEX or path.name in str(error)
    return False


def damage(directory: Path, n: int, seed: int) -> None:
    """Flip a bit of, or cut short, one file at a time; exit 1 at the first that is let through."""
    draw, files = random.Random(seed), write_both(directory)
    for number in range(n):
        path = draw.choice(files)
        content = path.read_bytes()
        wrong = bytearray(content)
        if number % 4:
            wrong[draw.randrange(len(wrong))] ^= 1 << draw.randrange(8)
        else:
            del wrong[draw.randrange(len(wrong)) :]
        path.write_bytes(wrong)
        if not refused(directory, path):
            sys.exit(f"{path.name}: damage {number} was let through")
        path.write_bytes(content)


def damaged_in_a_process_of_its_own(directory: Path, n: int) -> None:
    code = (
        "from pathlib import Path; from tests.profiles.test_damage import damage; "
        f"damage(Path({str(directory)!r}), {n}, 7)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("n_files", [300, pytest.param(10_000, marks=pytest.mark.prove)])
def test_damaged_profiles_are_refused(tmp_path: Path, n_files: int, record_property) -> None:
    damaged_in_a_process_of_its_own(tmp_path, n_files)
    record_property("damaged files", n_files)
    record_property("refused", n_files)


def test_what_is_not_damaged_is_read(tmp_path: Path) -> None:
    write_both(tmp_path)
    assert list(read_sketches(tmp_path / "reference").blocks) == ["2013-01-01", "2013-01-02"]
    days = [day for day, _, _ in snapshots.read_sketches(str(tmp_path / "store"), MODEL)]
    assert days == [datetime.date(2013, 1, 1), datetime.date(2013, 1, 2)]
