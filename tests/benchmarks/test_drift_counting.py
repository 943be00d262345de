"""The drift benchmark counts rows as profiles of them do, and a fault in its own column alone."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.drift_cases.counting import ROWS
from benchmarks.drift_cases.faults import Fault
from benchmarks.drift_cases.figures import Judge, power, shuffles
from benchmarks.drift_cases.profiled import PROFILES
from benchmarks.drift_cases.rows import Rows
from mooring.profiles.bins import NumberBins
from tests.support.drifting import settings

N_DAYS, ROWS_A_DAY = 200, 80


@pytest.fixture(scope="module")
def rows() -> Rows:
    random, n = np.random.default_rng(1), N_DAYS * ROWS_A_DAY
    x = random.normal(size=n)
    x[::50], x[1::90] = np.nan, np.inf
    names = [*"abc", "rare", "early", None]
    c = random.choice(np.array(names, dtype=object), n, p=[0.5, 0.3, 0.1895, 0.0005, 0, 0.01])
    c[5] = "early"  # on the first day alone
    frame = pd.DataFrame({"x": x, "c": pd.Series(c).astype("category"), "score": random.random(n)})
    return Rows("made up", frame, np.repeat(np.arange(N_DAYS), ROWS_A_DAY))


def test_profiles_hold_what_counting_rows_finds(rows: Rows) -> None:
    exact, read = (Judge(next(shuffles(rows, settings(), 1)), each) for each in (ROWS, PROFILES))
    assert exact.reference.bins["c"] == read.reference.bins["c"]
    c = [each.reference.cells[:, each.reference.spans["c"]] for each in (exact, read)]
    np.testing.assert_array_equal(*c)
    assert c[0][:, -2].sum() == (exact.shuffle.place[5] < 151)
    for column in ("x", "score"):
        one, other = exact.reference.bins[column], read.reference.bins[column]
        assert isinstance(one, NumberBins) and isinstance(other, NumberBins)
        np.testing.assert_allclose(one.edges, other.edges, atol=0.02)
    bins, (frame, day) = exact.reference.bins, exact.shuffle.current(49)
    names = exact.current.names
    found = [each.counting.current(frame, day, names, bins) for each in (exact, read)]
    np.testing.assert_array_equal(found[0].cells, found[1].cells)
    assert found[0].cells[:, [found[0].spans["x"].stop - at for at in (4, 3)]].any(axis=0).all()


@pytest.mark.parametrize("counting", [ROWS, PROFILES], ids=lambda counting: counting.name)
def test_a_fault_changes_the_counts_of_its_column_alone_and_is_seen(rows: Rows, counting) -> None:
    fault = Fault("x + 1", "x", None, lambda values, _: values + 1)
    judge = Judge(next(shuffles(rows, settings(), 1)), counting)
    spoilt, x = judge.spoilt(fault, seed=1), judge.current.spans["x"]
    changed = (spoilt.cells != judge.current.cells).any(axis=0)
    assert changed[x].any()
    assert not np.delete(changed, np.arange(x.start, x.stop)).any()
    assert power([judge], fault).tolist() == [True] * 7
