"""A drift report as plain text, for a terminal."""

import json

from mooring.diagnosis.report import DriftReport
from mooring.files import short
from mooring.reports.drift import facts
from mooring.reports.drift.label_coverage import coverage


def lines(report: DriftReport) -> list[str]:
    """Return the diagnosis and a table, as plain text."""
    shown_lines = [
        f"{report.diagnosis}: {report.reason}",
        f"{report.data}, {report.window.first} to {report.window.last} ({report.window.zone}), "
        f"{sum(day.rows for day in report.window.days):,} rows, model {short(report.model)}",
    ]
    judged = [*([report.score] if report.score else []), *report.columns]
    shown = facts.shown(judged)
    if judged:
        shown_lines += ["", f"{'column':28} {'level':12} {'effect':>7} {'excess':>7} {'limit':>7}"]
    shown_lines += [
        f"{json.dumps(finding.spoken)[1:-1][:28]:28} {finding.level:12} "
        f"{_number(finding.effect)} {_number(finding.excess)} {_number(finding.threshold)}"
        for finding in shown
    ]
    if len(shown) < len(judged):
        shown_lines.append(f"{len(judged) - len(shown)} columns of segments are not flagged")
    shown_lines += [
        f"quality {finding.level}: {finding.column or 'volume'}: {finding.sentence}"
        for finding in report.quality
    ] or [f"quality {report.parts.quality.level}: {facts.of_quality(report)}"]
    shown_lines += ["", f"model quality {report.parts.outcomes.level}: {_of_outcomes(report)}"]
    shown_lines += [
        f"{part.name.lower()}: {facts.sentence(part.not_checked)}"
        for part in facts.parts(report)
        if part.not_checked
    ]
    return [*shown_lines, "", *report.next_steps]


def _of_outcomes(report: DriftReport) -> str:
    labels = coverage(report)
    return facts.sentence(f"{report.outcomes.sentence} {labels}" if report.outcomes else labels)


def _number(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3f'):>7}"
