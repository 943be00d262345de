"""A drift report as one self-contained page: the diagnosis first, then its basis.

In: a DriftReport. Out: HTML that loads nothing and runs nothing, the same bytes each time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from mooring.diagnosis.report import ColumnFinding, DriftReport
from mooring.reports.drift import facts, tables
from mooring.reports.drift.calibration import calibration
from mooring.reports.drift.distributions import distribution
from mooring.reports.drift.label_coverage import coverage
from mooring.reports.drift.lines import column_line, figure_line
from mooring.reports.kit.drawing import Chart
from mooring.reports.kit.rendering import render

TEMPLATE = "page.html.j2"
STATES = {
    **{"quiet": "good", "watch": "unsure", "cannot_tell": "unsure"},
    **{"alarm": "bad", "retrain": "bad", "fix_data": "bad"},
}
"""How style.css colours levels and diagnoses."""
MOST_BYTES = 950_000
MOST_STEPS, MOST_DRAWN, MOST_FIGURES, MOST_ROWS, MOST_BINS = 20, 60, 12, 100, 24
"""The most steps, drawn columns and figures, rows of a table, bins of a column: report.json has all."""


class Drawn(NamedTuple):
    """A column or the score, with its pictures."""

    id: str
    column: ColumnFinding
    bins: tables.Rows
    pictures: list[tuple[Chart, Markup]]


def page(report: DriftReport) -> str:
    """Return the page, below 1 MB however much the report holds."""
    shown = facts.shown(report.columns)
    drawn = [
        _drawn(column, f"column-{place}") for place, column in enumerate(shown[:MOST_DRAWN], 1)
    ]
    values = {
        "report": report,
        "facts": facts,
        "coverage": coverage(report),
        "tables": tables,
        "states": STATES,
        "score": None if report.score is None else _drawn(report.score, "score"),
        "charts": _charts_of_outcomes(report),
        "most": MOST_ROWS,
        "most_steps": MOST_STEPS,
    }
    template = Path(__file__).with_name(TEMPLATE)
    while len((html := render(template, drawn=drawn, **values)).encode()) > MOST_BYTES and drawn:
        drawn = drawn[: len(drawn) // 2]
    return html


def _drawn(column: ColumnFinding, name: str) -> Drawn:
    charts = (distribution(column, f"{name}-bins"), column_line(column, f"{name}-line"))
    return Drawn(name, column, tables.bins(column.bins, MOST_BINS), _pictures(charts))


def _pictures(charts: Iterable[Chart | None]) -> list[tuple[Chart, Markup]]:
    return [(chart, Markup(chart.svg)) for chart in charts if chart is not None]  # noqa: S704


def _charts_of_outcomes(report: DriftReport) -> list[tuple[Chart, Markup]]:
    if report.outcomes is None:
        return []
    figures = enumerate(report.outcomes.figures[:MOST_FIGURES], 1)
    lines = [figure_line(figure, f"figure-{place}") for place, figure in figures]
    return _pictures([*lines, calibration(report.outcomes.calibration, "calibration")])
