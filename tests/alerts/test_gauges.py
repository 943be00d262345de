"""Gauges: what a report says, in a text that Prometheus' own parser reads, and nothing made up."""

from typing import get_args

from hypothesis import given
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from mooring.alerts.gauges import Moments, gauges, run_gauge, text
from mooring.diagnosis.report import Diagnosis, DriftReport
from tests.support.drift_reports import MODEL, check, column, outcomes, report
from tests.support.judged import reports

MOMENTS = Moments(run=1_000_000.0, profile=999_000.0, label=None)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(registry: CollectorRegistry, **shared: str) -> Samples:
    """Return what the parser reads, by name and the labels that are not shared by all."""
    found: Samples = {}
    for family in text_string_to_metric_families(text(registry)):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            assert shared.items() <= sample.labels.items()
            labels = {key: value for key, value in sample.labels.items() if key not in shared}
            key = (sample.name.removeprefix("mooring_drift_"), frozenset(labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def of(made: DriftReport, moments: Moments = MOMENTS) -> Samples:
    return samples(gauges(made, moments), data=made.data, model=made.model)


def at(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_a_column_has_its_effect_excess_and_threshold() -> None:
    found = of(report())
    labels = {"column": "distance", "segment": "", "part": "input"}
    names = ("effect", "excess", "threshold")
    assert [at(found, name, **labels) for name in names] == [0.25, 4.5, 1.5]
    assert at(found, "effect", column="score", segment="", part="score") == 0.03125


def test_the_score_and_an_input_of_that_name_have_separate_gauges() -> None:
    found = of(report(columns=(column("score", effect=0.75),)))
    assert at(found, "effect", column="score", segment="", part="input") == 0.75
    assert at(found, "effect", column="score", segment="", part="score") == 0.03125


def test_one_diagnosis_is_1_and_the_others_are_0() -> None:
    found = of(report("fix_data"))
    shown = {each: at(found, "diagnosis", diagnosis=each) for each in get_args(Diagnosis)}
    quiet = {"quiet": 0, "watch": 0, "retrain": 0, "cannot_tell": 0}
    assert shown == quiet | {"fix_data": 1}


def test_one_level_of_each_part_is_1() -> None:
    found = of(report(quality=(check("dewp", "null", "alarm"),)))
    distance = {"column": "distance", "segment": "", "part": "input"}
    assert at(found, "level", **distance, level="alarm") == 1
    assert at(found, "level", **distance, level="quiet") == 0
    assert at(found, "quality_level", column="dewp", check="null", level="alarm") == 1
    assert at(found, "part_level", part="outcomes", level="quiet") == 1
    assert at(found, "part_level", part="columns", level="alarm") == 1
    assert at(found, "figure_level", metric="roc_auc", level="quiet") == 1


def test_a_quality_check_has_its_figure_and_limit() -> None:
    found, labels = of(report()), {"column": "dewp", "check": "null"}
    names = ("observed", "limit", "days")
    assert [at(found, f"quality_{name}", **labels) for name in names] == [0.25, 0.125, 2]


def test_checks_that_were_not_made_are_counted_by_part_and_cause() -> None:
    found = of(report())
    assert at(found, "checks_made", part="columns") == 2
    assert at(found, "checks_not_made", part="columns") == 1
    assert at(found, "checks_not_made_by_cause", part="columns", cause="too_few_values") == 1
    assert at(found, "checks_not_made", part="quality") == 0


def test_predictions_without_an_outcome_are_counted_by_cause() -> None:
    found = of(report())
    causes = ("without_label", "contradictory", "too_young", "repeats")
    counts = [at(found, "predictions_left_out", cause=cause) for cause in causes]
    assert counts == [2400, 100, 1000, 0]


def test_a_figure_that_only_describes_has_no_level() -> None:
    (figure,) = outcomes().figures
    free = figure.model_copy(update={"level": None})
    found = of(report(outcomes=outcomes(figures=(free,))))
    assert at(found, "figure", metric="roc_auc") == 0.7
    assert "figure_level" not in {name for name, _ in found}


def test_labels_and_the_model_s_figures_have_gauges() -> None:
    found = of(report())
    names = ("predictions", "labels_due", "labels", "label_coverage", "label_coverage_limit")
    assert [at(found, name) for name in names] == [6000, 5000, 2500, 0.5, 0.75]
    names = ("figure", "figure_low", "figure_high", "figure_reference", "figure_limit")
    shown = [at(found, name, metric="roc_auc") for name in names]
    assert shown == [0.7, 0.65, 0.75, 0.74, 0.6875]
    assert at(found, "window_rows") == 6300


def test_times_are_timestamps() -> None:
    found = of(report())
    assert at(found, "last_success_timestamp_seconds") == 1_000_000
    assert at(found, "newest_profile_timestamp_seconds") == 999_000


def test_unknown_figures_have_no_gauge() -> None:
    made = report(
        columns=(column("distance", effect=None, excess=None),),
        score=None,
        quality=(),
        outcomes=outcomes(coverage=None),
    )
    found = of(made)
    assert at(found, "threshold", column="distance", segment="", part="input") == 1.5
    names = {name for name, _ in found}
    absent = {"effect", "excess", "label_coverage", "newest_label_timestamp_seconds"}
    assert not names & absent
    assert not {name for name in names if name.startswith("quality")}


def test_the_gauge_of_a_run_has_no_model_label() -> None:
    found = samples(run_gauge("flights", 1_000_000.0), data="flights")
    assert found == {("last_run_timestamp_seconds", frozenset()): 1_000_000.0}


def test_the_text_has_the_prometheus_exposition_format() -> None:
    lines = text(gauges(report(), MOMENTS)).splitlines()
    labels = f'{{data="flights",diagnosis="retrain",model="{MODEL}"}}'
    assert "# TYPE mooring_drift_diagnosis gauge" in lines
    assert f"mooring_drift_diagnosis{labels} 1.0" in lines


@given(reports)
def test_gauges_of_any_report_are_read_back(made: DriftReport) -> None:
    found = of(made)
    assert at(found, "diagnosis", diagnosis=made.diagnosis) == 1
    for each in made.columns:
        own = {"column": each.name, "segment": each.segment}
        level = at(found, "level", **own, part="input", level=each.level)
        same = [o for o in made.columns if (o.name, o.segment) == (each.name, each.segment)]
        assert level == (each.level == same[-1].level)
