"""The charts: which are drawn, what they say, and that odd values do not break them."""

import warnings
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mooring import files
from mooring.reports.kit.drawing import label
from mooring.reports.training.charts import charts
from mooring.reports.training.findings import CsvTable, Findings
from tests.reports.training.conftest import Built, read
from tests.support.small import HOSTILE

CURVES = ["roc", "precision-recall", "calibration", "confusion", "thresholds"]
TRIALS = (
    {"trial": "0", "state": "complete", "value": "0.7", "best": "0.7"},
    {"trial": "1", "state": "pruned", "value": "", "best": "0.7"},
    {"trial": "2", "state": "complete", "value": "0.9", "best": "0.9"},
)


def names(findings: Findings) -> list[str]:
    return [chart.name for chart in charts(findings)]


def summary(findings: Findings, name: str) -> str:
    (found,) = (chart.summary for chart in charts(findings) if chart.name == name)
    return found


@pytest.fixture
def classified(challenged: Path, monkeypatch: pytest.MonkeyPatch) -> Findings:
    monkeypatch.chdir(challenged)
    return read()


def test_classification_draws_its_curves(classified: Findings) -> None:
    assert names(classified) == ["champion", *CURVES, "slices", "importance"]


def test_regression_draws_its_own(regression: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(regression)
    own = ["residuals", "mean-calibration", "errors"]
    assert names(read()) == ["champion", *own, "slices", "importance"]


def test_without_a_champion_there_is_no_difference_chart(
    first_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(first_release)
    assert names(read()) == [*CURVES, "slices", "importance"]


def test_trials_are_drawn_when_there_were_any(classified: Findings) -> None:
    searched = replace(classified, trials=CsvTable(TRIALS), search_metric="roc_auc")
    assert summary(searched, "trials") == "3 trials, 2 of them complete: best roc_auc 0.9."
    none = tuple({**row, "state": "pruned", "best": ""} for row in TRIALS)
    pruned = replace(searched, trials=CsvTable(none))
    assert summary(pruned, "trials") == "3 trials, 0 of them complete: none complete."


def test_a_curve_that_is_undefined_is_left_out(classified: Findings) -> None:
    empty = classified.plots | {"roc": CsvTable(()), "precision_recall": CsvTable(())}
    kept = names(replace(classified, plots=empty))
    assert kept == ["champion", "calibration", "confusion", "thresholds", "slices", "importance"]


def test_captions_say_what_was_measured(classified: Findings) -> None:
    metrics = files.read_json("reports/evaluation/metrics.json")
    said = {chart.name: chart.summary for chart in charts(classified)}
    assert said["roc"] == (
        f"Area under the curve {metrics['roc_auc']:.4g} on 353 held-out rows; "
        "chance is 0.5, a perfect ranking is 1."
    )
    base = metrics["positives"] / 353
    assert (
        f"the base rate, {base:.4g}: {metrics['positives']} positives in 353 rows."
        in said["precision-recall"]
    )
    counts = {row["outcome"]: row["n"] for row in classified.plots["confusion"].rows}
    each = ", ".join(f"{name} {n}" for name, n in counts.items())
    assert said["confusion"] == f"With scores of 0.4 and more flagged: {each} rows."
    worst = classified.worst["roc_auc"]
    assert said["slices"].startswith(
        f"Worst in roc_auc: city={worst['value']} with {worst['roc_auc']:.4g} on {worst['n']} rows"
    )


def test_slices_are_worst_first_whichever_way_the_metric_runs(
    regression: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(regression)
    findings = read()
    worst = findings.worst["rmse"]
    assert worst["rmse"] == max(row["rmse"] for row in findings.slices)
    assert f"city={worst['value']} with {worst['rmse']:.4g} on" in summary(findings, "slices")


def test_a_difference_without_an_interval_is_drawn_as_a_point(classified: Findings) -> None:
    overall = classified.comparison["overall"] | {"low": None, "high": None}
    thin = replace(classified, comparison=classified.comparison | {"overall": overall})
    assert "on all rows: +0, no interval (too few rows)." in summary(thin, "champion")


def test_one_repeat_gives_an_importance_without_error(classified: Findings) -> None:
    rows = tuple({**row, "standard_error": ""} for row in classified.plots["importance"].rows)
    once = replace(classified, plots=classified.plots | {"importance": CsvTable(rows)})
    assert "importance" in names(once)


def test_each_picture_is_xml_of_its_own_with_axes_and_no_fixed_colour(built: Built) -> None:
    for chart in built.drawn:
        root = ElementTree.fromstring(chart.svg)
        texts = [text for text in root.itertext() if text.strip()]
        assert texts[:2] == [chart.title, chart.summary]
        assert "var(--ink, #666)" in chart.svg
        assert "#000000" not in chart.svg and "#ffffff" not in chart.svg
        for stand_in in range(1, 7):
            assert f"#{stand_in:02d}" * 3 not in chart.svg
            assert f"#0{stand_in}0{stand_in}0{stand_in}" not in chart.svg


def test_hostile_names_are_drawn_as_they_are(classified: Findings) -> None:
    (picture,) = (chart.svg for chart in charts(classified) if chart.name == "slices")
    texts = "\n".join(ElementTree.fromstring(picture).itertext())
    for value in HOSTILE:
        assert f"city={label(value)} (" in texts


@pytest.mark.parametrize("value", ["\x00\x1b[31m", "\u202etxt", "a\nb", "x" * 500, "\ud83d\ude00"])
def test_any_value_can_name_a_slice(classified: Findings, value: str) -> None:
    value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    odd = replace(classified, slices=[classified.slices[0] | {"value": value}])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (picture,) = (chart.svg for chart in charts(odd) if chart.name == "slices")
    ElementTree.fromstring(picture)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\tc", "a b c"),
        ("\x00a\u202eb", "a b"),
        ("123456", "1234…"),
        ("12345", "12345"),
    ],
)
def test_labels_are_one_short_printable_line(text: str, line: str) -> None:
    assert label(text, 5) == line
