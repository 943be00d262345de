"""From stored profiles to a judgement: what the sketches hold is enough to name the column."""

import numpy as np
import pytest

from mooring.drift.days import stacked
from mooring.drift.judging import judge
from mooring.drift.quality import calibrate_quality, judge_quality
from mooring.drift.thresholds import calibrate
from mooring.profiles.reading import read_profile
from mooring.profiles.sketches import profile_blocks
from mooring.profiles.tables import counts, reference_counts
from tests.support.drifting import settings

KINDS = {"x": "number", "c": "category", "score": "number"}


def profiles(n_days: int, first: int, seed: int, x: float = 0.0, new: float = 0.0):
    """Return what is read back of profiles of days of 100 rows, x moved, `new` of c replaced."""
    random, n = np.random.default_rng(seed), n_days * 100
    c = random.choice(np.array(["a", "b", "c"], dtype=object), n, p=[0.5, 0.3, 0.2])
    c[random.random(n) < new] = "new"
    columns = {"x": random.normal(size=n) + x, "c": c, "score": random.random(n)}
    days = np.datetime64("2024-01-01") + first + np.arange(n) % n_days
    views = profile_blocks(columns, KINDS, np.datetime_as_string(days), are_days=True, facts={})
    return {name: read_profile(view.serialize(), name) for name, view in views.items()}


@pytest.fixture(scope="module")
def reference():
    bins, blocks = reference_counts(profiles(60, 0, seed=1))
    return bins, stacked(blocks, bins)


@pytest.mark.parametrize(
    ("fault", "column"), [({}, None), ({"x": 0.5}, "x"), ({"new": 0.05}, None)], ids=str
)
def test_stored_profiles_are_judged(reference, fault, column):
    bins, days = reference
    blocks = profiles(14, 60, seed=2, **fault)
    current = stacked({name: counts([each], bins) for name, each in blocks.items()}, bins)
    found = judge(calibrate(days, settings(), 13), current, settings())
    drifted = [each.column for each in found.columns if each.level == "alarm"]
    assert drifted == [column] * bool(column)
    quality = judge_quality(calibrate_quality(days, settings(), 13), current, settings())
    assert quality.level == ("alarm" if "new" in fault else "quiet")
