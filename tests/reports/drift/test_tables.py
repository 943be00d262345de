"""The cells of a drift report's tables."""

from mooring.reports.drift import tables
from tests.support.drift_reports import outcomes, report


def test_a_figure_that_nothing_limits_has_the_limit_none() -> None:
    (figure,) = outcomes().figures
    free = figure.model_copy(update={"limit": None, "value": None})
    found = tables.figures(report(outcomes=outcomes(figures=(figure, free))), 2)
    assert [dict(zip(tables.FIGURES, row, strict=True))["limit"] for row in found] == [
        "0.6875",
        "none",
    ]
