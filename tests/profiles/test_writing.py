"""The file of a profile: whylogs' own format, with the same bytes in every process."""

import datetime
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mooring.profiles.engine import View
from mooring.profiles.reading import read_profile
from mooring.profiles.sketches import profile_columns
from mooring.profiles.writing import profile_bytes

ROOT = Path(__file__).parents[2]
FACTS = {"model": "0" * 64, "zone": "UTC", "rows": "3000", "data": "flights"}


def profile(n=3000):
    draw = np.random.default_rng(7)
    columns = {f"x{number}": draw.normal(size=n) for number in range(12)}
    columns |= {
        f"c{number}": np.array([f"t{text}" for text in draw.integers(0, 9**number, n)], object)
        for number in range(5)
    }
    kinds = {name: "number" if name.startswith("x") else "category" for name in columns}
    return profile_columns(columns, kinds, day=datetime.date(2013, 1, 2), facts=FACTS)


@pytest.mark.parametrize("n", [0, 1, 3000])
def test_whylogs_reads_what_it_would_have_written(n):
    view = profile(n)
    content = profile_bytes(view)
    ours, theirs = View.deserialize(content), View.deserialize(view.serialize())
    assert len(content) == len(view.serialize())
    assert ours.to_pandas().equals(theirs.to_pandas())
    assert ours.metadata == theirs.metadata == FACTS
    assert ours.dataset_timestamp == theirs.dataset_timestamp == view.dataset_timestamp
    assert ours.creation_timestamp == theirs.creation_timestamp == view.creation_timestamp
    for name, column in read_profile(view.serialize(), "theirs").items():
        found = read_profile(content, "ours")[name]
        assert (found.rows, found.null, found.inf) == (column.rows, column.null, column.inf)
        assert found.values.serialize() == column.values.serialize()


def test_another_process_writes_the_same_bytes():
    """Where the entries of a map lie in memory differs from process to process."""
    script = (
        "import hashlib; from tests.profiles.test_writing import profile, profile_bytes;"
        "print(hashlib.sha256(profile_bytes(profile())).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == hashlib.sha256(profile_bytes(profile())).hexdigest()
