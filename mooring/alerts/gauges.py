"""A drift report as Prometheus gauges, one registry for each model.

In: a report, and when things last happened. Out: registries, for a Pushgateway, and their text, for
node_exporter's textfile collector. An unknown figure has no gauge, so that rules do not mistake it for 0.
Times are timestamps, from which rules compute ages: a stored age would stop growing with its writer.
"""

from dataclasses import dataclass
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from mooring.diagnosis.report import (
    ColumnFinding,
    Diagnosis,
    DriftReport,
    OutcomesFinding,
    Part,
    Parts,
    QualityFinding,
)
from mooring.drift.levels import Level

PREFIX = "mooring_drift"


@dataclass(frozen=True)
class Moments:
    """When things last happened, in seconds since 1970; None if unknown."""

    run: float
    """When the drift job ended."""
    profile: float | None
    """When a profile of the model was last stored."""
    label: float | None
    """When a label of the data was last stored, for any model."""


def gauges(report: DriftReport, moments: Moments) -> CollectorRegistry:
    """Return the gauges of a report on its model, after a successful run of the drift job."""
    registry = _Registry(data=report.data, model=report.model)
    _add_diagnosis(registry, report)
    for name in Parts.model_fields:
        _add_part(registry, name, getattr(report.parts, name))
    for column in report.columns:
        _add_column(registry, column, "input")
    if report.score is not None:
        _add_column(registry, report.score, "score")
    for check in report.quality:
        _add_check(registry, check)
    if report.outcomes is not None:
        _add_outcomes(registry, report.outcomes)
    add = registry.add
    add("last_success_timestamp_seconds", "When the drift job last succeeded", moments.run)
    add("newest_profile_timestamp_seconds", "When a profile was last stored", moments.profile)
    add("newest_label_timestamp_seconds", "When a label was last stored", moments.label)
    return registry.registry


def run_gauge(data: str, at: float) -> CollectorRegistry:
    """Return the gauge of when the drift job last ended, successfully or not, in seconds since 1970."""
    registry = _Registry(data=data)
    registry.add(
        "last_run_timestamp_seconds", "When the drift job last ended, successfully or not", at
    )
    return registry.registry


def text(registry: CollectorRegistry) -> str:
    """Return a registry in Prometheus' text format."""
    return generate_latest(registry).decode()


class _Registry:
    """A registry whose gauges share some labels."""

    def __init__(self, **shared: str) -> None:
        self.registry = CollectorRegistry()
        self._shared = shared
        self._gauges: dict[str, Gauge] = {}

    def add(self, name: str, what: str, value: float | None, **labels: str) -> None:
        """Set one gauge, unless its value is unknown."""
        if value is None:
            return
        labels = self._shared | labels
        if name not in self._gauges:
            self._gauges[name] = Gauge(f"{PREFIX}_{name}", what, labels, registry=self.registry)
        self._gauges[name].labels(**labels).set(value)

    def add_states(
        self, name: str, what: str, states: tuple[str, ...], state: str, key: str, **labels: str
    ) -> None:
        """Set one gauge for each state, distinguished by the label `key`: 1 for the current state."""
        for each in states:
            self.add(name, what, each == state, **labels, **{key: each})


def _add_diagnosis(to: _Registry, report: DriftReport) -> None:
    states, what = get_args(Diagnosis), "1 for the diagnosis of the window"
    to.add_states("diagnosis", what, states, report.diagnosis, "diagnosis")
    rows = sum(day.rows for day in report.window.days)
    to.add("window_rows", "Rows of the judged window", rows)


def _add_part(to: _Registry, name: str, part: Part) -> None:
    to.add("checks_made", "Checks that were made", part.made, part=name)
    to.add("checks_not_made", "Checks that were not made", part.n_not_made, part=name)
    for missing in part.not_made:
        labels = {"part": name, "cause": missing.cause}
        what = "Checks that were not made, by why"
        to.add("checks_not_made_by_cause", what, len(missing.checks), **labels)
    what = "1 for the level of the part"
    to.add_states("part_level", what, get_args(Level), part.level, "level", part=name)


def _add_column(to: _Registry, column: ColumnFinding, part: str) -> None:
    labels = {"column": column.name, "segment": column.segment, "part": part}
    to.add("effect", "Distance from the reference, 0 to 1", column.effect, **labels)
    to.add("excess", "The distance in units of the reference's spread", column.excess, **labels)
    to.add("threshold", "The excess above which drift alarms", column.threshold, **labels)
    what = "1 for the level of the column, or of the score"
    to.add_states("level", what, get_args(Level), column.level, "level", **labels)


def _add_check(to: _Registry, check: QualityFinding) -> None:
    labels = {"column": check.column, "check": check.check}
    to.add("quality_observed", "The figure of a data-quality check", check.observed, **labels)
    to.add("quality_limit", "The limit of the check", check.limit, **labels)
    to.add("quality_days", "The number of recent days above the limit", check.days, **labels)
    states, what = get_args(Level), "1 for the level of the check"
    to.add_states("quality_level", what, states, check.level, "level", **labels)


def _add_outcomes(to: _Registry, outcomes: OutcomesFinding) -> None:
    to.add("predictions", "Predictions of the window", outcomes.predictions)
    to.add("labels_due", "Predictions whose label is due", outcomes.due)
    to.add("labels", "Predictions that have a label", outcomes.labelled)
    to.add("label_coverage", "The share of due labels that have arrived, 0 to 1", outcomes.coverage)
    to.add(
        "label_coverage_limit",
        "The coverage below which quality is not judged",
        outcomes.min_coverage,
    )
    for name, n in outcomes.left_out.model_dump().items():
        what = "Predictions of the window that have no outcome, by why"
        to.add("predictions_left_out", what, n, cause=name)
    for figure in outcomes.figures:
        labels = {"metric": figure.metric}
        to.add("figure", "A figure of the model's quality", figure.value, **labels)
        to.add("figure_low", "The lower end of its interval", figure.low, **labels)
        to.add("figure_high", "The upper end of its interval", figure.high, **labels)
        to.add("figure_reference", "The figure in the reference", figure.reference, **labels)
        to.add(
            "figure_limit",
            "The limit beyond which the figure counts as worse",
            figure.limit,
            **labels,
        )
        what = "1 for the level of the figure"
        if figure.level is not None:
            to.add_states("figure_level", what, get_args(Level), figure.level, "level", **labels)
