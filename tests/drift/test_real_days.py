"""The limits of benchmarks/drift.py on the hourly weather of 2013, with fewer shuffles."""

import numpy as np
import pytest

from benchmarks.drift_cases.counting import ROWS
from benchmarks.drift_cases.faults import FAULTS
from benchmarks.drift_cases.figures import Judge, days_shuffled, power, settings, shuffles
from benchmarks.drift_cases.rows import made_rows

N_WINDOWS = 30
"""Of each shuffle."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(3, marks=pytest.mark.slow),
        pytest.param(12, marks=pytest.mark.prove),
    ],
)
def judges(request, tmp_path_factory) -> list[Judge]:
    rows = made_rows("weather", tmp_path_factory.mktemp("weather"))
    return [Judge(each, ROWS) for each in shuffles(rows, settings(), request.param)]


def test_few_windows_of_shuffled_days_have_an_alarm(judges, record_property) -> None:
    found = days_shuffled(judges)
    record_property("windows", len(found["any"]))
    record_property("any alarm", float(found["any"].mean()))
    record_property("confirmed drift", float(found["confirmed drift"].mean()))
    assert len(found["any"]) == N_WINDOWS * len(judges)
    assert found["any"].mean() <= 0.06
    assert found["confirmed drift"].mean() <= 0.015


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS["weather"] if fault.limit], ids=lambda fault: fault.name
)
def test_a_fault_is_seen_in_its_first_window(judges, fault, record_property) -> None:
    found = power(judges, fault)
    record_property("windows", len(found))
    record_property("power", float(found.mean()))
    assert (len(found), found.dtype) == (N_WINDOWS * len(judges), np.bool_)
    assert found.mean() >= fault.limit
