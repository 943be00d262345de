"""Describing: the measure that a column is shown by, and its sentence."""

from dataclasses import replace

import pytest

from mooring.diagnosis.describing import column_findings
from mooring.drift.days import stacked
from mooring.drift.judging import judge
from mooring.drift.thresholds import calibrate
from tests.support.drifting import BINS, counts, reference_days, settings, some_days
from tests.support.judged import flights


@pytest.mark.parametrize(
    ("n_unseen", "shown", "sentence"),
    [
        (0, False, "Within the range of the reference's own windows."),
        (
            2,
            True,
            "Differs in this window, by 0.004 more than usual: "
            "(unseen) was 0.00% of the rows and is 0.40% (Dori, Ems).",
        ),
    ],
)
def test_unseen_rows_are_what_is_said_of_a_column_where_they_alarm(n_unseen, shown, sentence):
    days = some_days(7, seed=2, first=80, rows=72)
    for of_day in list(days.values())[:n_unseen]:
        of_day["c"] = counts(72, [43, 28, 0], unseen=1)
    bins = BINS | {"c": replace(BINS["c"], open=True)}
    reference = replace(reference_days(), bins=bins)
    drift = judge(calibrate(reference, settings(), 13), stacked(days, bins), settings())
    findings = column_findings(drift, reference, flights(), {"c": ("Dori", "Ems")})
    found = {each.name: each for each in findings}
    assert (found["c"].measure == "unseen", found["c"].sentence) == (shown, sentence)
