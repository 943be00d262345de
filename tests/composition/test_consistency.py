"""Consistency: sections that contradict each other are refused, by the key that is wrong."""

import pytest

from mooring.composition.compose import compose
from mooring.errors import ConfigError
from tests.support.conf import CONF


def refusal(*overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compose(CONF, overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "key", "expected"),
    [
        (
            ["model=linear"],
            "model.task = regression",
            "classification, since data.task is classification",
        ),
        (
            ["+drift.segments.temp=[a]"],
            "drift.segments = temp",
            "input columns of kind category",
        ),
        (
            ["+drift.segments.origin=[JFK,SFO]"],
            "drift.segments.origin = SFO",
            "values from data.columns.origin.categories",
        ),
        (
            ["gate.metric=rmse"],
            "gate.metric = rmse",
            "one of roc_auc, average_precision, log_loss, brier for classification",
        ),
        (
            ["+gate.floors.mae=1"],
            "gate.floors = mae",
            "one of roc_auc, average_precision, log_loss, brier for classification",
        ),
        (
            ["search=tpe", "search.metric=r2"],
            "search.metric = r2",
            "one of roc_auc, average_precision, log_loss, brier",
        ),
        (
            ["search=tpe", "~model.space", "+model.space={}"],
            "model.space = {}",
            "at least one parameter to search, or search: none",
        ),
        (
            ["data.time=null"],
            "window.kind = time",
            "random or grouped, since data.time is null",
        ),
        (
            ["window=diabetes", "window.kind=grouped", "+window.column=tailnum"],
            "window.column = tailnum",
            "an input column of conf/data",
        ),
        (["report.slices=[late]"], "report.slices = late", "input columns of kind category"),
        (
            ["report.slices=[distance]"],
            "report.slices = distance",
            "input columns of kind category",
        ),
        (
            ["report.threshold=null"],
            "report.threshold = None",
            "a score for classification, null for regression",
        ),
        (
            ["problem=diabetes", "report.threshold=0.5"],
            "report.threshold = 0.5",
            "a score for classification, null for regression",
        ),
    ],
)
def test_a_contradiction_is_refused_by_its_key(
    overrides: list[str], key: str, expected: str
) -> None:
    section = key.partition(".")[0]
    assert refusal(*overrides) == (
        f"params.yaml: {key}\n"
        f"  expected: {expected}\n"
        f"  fix: edit conf/{section}/, then run 'mooring compose'"
    )


def test_a_feature_of_an_unknown_column_is_refused() -> None:
    shown = refusal("features.derived=[]")
    assert shown.startswith("params.yaml: features.numeric: departure_sin\n")


@pytest.mark.parametrize("column", ["carrier", "origin"])
def test_rows_may_be_grouped_by_an_input(column: str) -> None:
    window = ["window=diabetes", "window.kind=grouped", f"+window.column={column}"]
    assert compose(CONF, window).window.column == column
