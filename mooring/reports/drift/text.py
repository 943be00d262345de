"""A drift report as plain text, for a terminal."""

import json

from mooring.diagnosis.report import DriftReport
from mooring.files import short
from mooring.reports.drift import facts
from mooring.reports.drift.label_coverage import coverage


def lines(report: DriftReport) -> list[str]:
    """Return the diagnosis and a table, as plain text."""
    found = [
        f"{report.diagnosis}: {report.reason}",
        f"{report.data}, {report.window.first} to {report.window.last} ({report.window.zone}), "
        f"{sum(day.rows for day in report.window.days):,} rows, model {short(report.model)}",
    ]
    judged = [*([report.score] if report.score else []), *report.columns]
    shown = facts.shown(judged)
    if judged:
        found += ["", f"{'column':28} {'level':12} {'effect':>7} {'excess':>7} {'limit':>7}"]
    found += [
        f"{json.dumps(each.spoken)[1:-1][:28]:28} {each.level:12} "
        f"{_number(each.effect)} {_number(each.excess)} {_number(each.threshold)}"
        for each in shown
    ]
    if len(shown) < len(judged):
        found.append(f"{len(judged) - len(shown)} columns of segments do not stand out")
    found += [
        f"quality {each.level}: {each.column or 'volume'}: {each.sentence}"
        for each in report.quality
    ] or [f"quality {report.parts.quality.level}: {facts.of_quality(report)}"]
    found += ["", f"model quality {report.parts.outcomes.level}: {_of_outcomes(report)}"]
    found += [
        f"{part.name.lower()}: {facts.sentence(part.not_checked)}"
        for part in facts.parts(report)
        if part.not_checked
    ]
    return [*found, "", *report.next_steps]


def _of_outcomes(report: DriftReport) -> str:
    labels = coverage(report)
    return facts.sentence(f"{report.outcomes.sentence} {labels}" if report.outcomes else labels)


def _number(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3f'):>7}"
