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


def test_a_day_is_empty_filling_or_complete() -> None:
    (day, *_) = report().window.days
    days = [
        day.model_copy(update={"rows": rows, "complete": complete})
        for rows, complete in ((9, True), (9, False), (0, True), (0, False))
    ]
    window = report().window.model_copy(update={"days": tuple(days)})
    states = [row[-1] for row in tables.days(report(window=window), 9)]
    assert states == ["complete", "◐ incomplete", "◌ empty", "◌ empty"]
