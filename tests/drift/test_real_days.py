"""The limits of benchmarks/drift.py on the hourly weather of 2013, with fewer shuffles."""

import numpy as np
import pytest

from benchmarks.drift_cases.counting import ROWS
from benchmarks.drift_cases.faults import FAULTS
from benchmarks.drift_cases.figures import Judge, days_shuffled, power, settings, shuffles
from benchmarks.drift_cases.rows import made_rows

N_SHUFFLES = 12


@pytest.fixture(scope="module")
def judges(tmp_path_factory) -> list[Judge]:
    rows = made_rows("weather", tmp_path_factory.mktemp("weather"))
    return [Judge(each, ROWS) for each in shuffles(rows, settings(), N_SHUFFLES)]


@pytest.mark.slow
def test_few_windows_of_shuffled_days_have_an_alarm(judges) -> None:
    found = days_shuffled(judges)
    assert len(found["any"]) == 30 * N_SHUFFLES
    assert found["any"].mean() <= 0.06
    assert found["confirmed drift"].mean() <= 0.015


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS["weather"] if fault.limit], ids=lambda fault: fault.name
)
def test_a_fault_is_seen_in_its_first_window(judges, fault) -> None:
    found = power(judges, fault)
    assert (len(found), found.dtype) == (30 * N_SHUFFLES, np.bool_)
    assert found.mean() >= fault.limit
