"""Sections: what is wrong is said in whole messages; nothing unknown, loose or unfinite is taken."""

from typing import Any

import pytest
from pydantic import ValidationError

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.config.gate import Gate
from mooring.config.model import Model
from mooring.config.report import Report
from mooring.config.runtime import Runtime
from mooring.config.search import Search, TpeSearch
from mooring.config.section import Parsed
from mooring.config.window import TimeWindow, Window
from mooring.errors import ConfigError
from tests.support import tables

RUNTIME = {"seed": 1, "n_threads": 2, "memory_mb": 256}
TIME = {
    "kind": "time",
    "train_start": "2013-01-01",
    "train_end": "2013-02-01",
    "embargo_days": 1,
    "test_days": 7,
}
TPE = {
    "kind": "tpe",
    "metric": "roc_auc",
    "n_trials": 2,
    "n_startup_trials": 1,
    "n_folds": 2,
    "url_env": "A_URL",
}


def refusal(section: type[Parsed], values: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        section.parse(section.__name__.lower(), values)
    return str(caught.value)


def message(key: str, expected: str, section: str) -> str:
    return (
        f"params.yaml: {key}\n"
        f"  expected: {expected}\n"
        f"  fix: edit conf/{section}/, then run 'mooring compose'"
    )


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"sed": 1}, "runtime.sed = 1", "no such key"),
        ({"seed": "1"}, 'runtime.seed = "1"', "a valid integer"),
        ({"seed": 1.0}, "runtime.seed = 1.0", "a valid integer"),
        ({"seed": True}, "runtime.seed = true", "a valid integer"),
        ({"seed": None}, "runtime.seed = null", "a valid integer"),
        ({"seed": -1}, "runtime.seed = -1", "greater than or equal to 0"),
        ({"seed": 2**32}, "runtime.seed = 4294967296", "less than 4294967296"),
        ({"n_threads": 0}, "runtime.n_threads = 0", "greater than or equal to 1"),
        ({"memory_mb": 1}, "runtime.memory_mb = 1", "greater than or equal to 128"),
        (
            {"seed": -1, "n_threads": 0},
            "runtime.seed = -1 (and 1 more wrong values)",
            "greater than or equal to 0",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    change: dict[str, Any], key: str, expected: str
) -> None:
    assert refusal(Runtime, RUNTIME | change) == message(key, expected, "runtime")


def test_a_missing_key_is_named() -> None:
    values = {"seed": 1, "n_threads": 2}
    expected = message("runtime.memory_mb = nothing", "a value for this key", "runtime")
    assert refusal(Runtime, values) == expected


@pytest.mark.parametrize("values", [None, 3, [1], "text"])
def test_a_section_that_is_not_a_mapping_is_refused(values: Any) -> None:
    assert "params.yaml: runtime = " in refusal(Runtime, values)
    assert "expected: an object" in refusal(Runtime, values)


def test_a_value_that_json_cannot_hold_is_refused() -> None:
    assert refusal(Runtime, RUNTIME | {"seed": b"1"}) == (
        "params.yaml: runtime: not a plain value\n"
        "  got: Object of type bytes is not JSON serializable\n"
        "  fix: edit conf/runtime/, then run 'mooring compose'"
    )


def test_sections_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        tables.runtime().seed = 2  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        Window.parse("window", TIME).root = None  # type: ignore[misc,assignment]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_are_refused_wherever_a_number_is_taken(value: float) -> None:
    gate = {
        "metric": "roc_auc",
        "floors": {},
        "margin": 0.0,
        "slice_margin": 0.0,
        "confidence": 0.95,
        "n_resamples": 100,
        "min_rows": 1,
        "parity_atol": 1e-6,
    }
    for change in ({"margin": value}, {"floors": {"roc_auc": value}}, {"parity_atol": value}):
        assert "expected: a finite number" in refusal(Gate, gate | change)
    assert "model.params.C" in refusal(
        Model, tables.model("sklearn.a.B").model_dump() | {"params": {"C": value}}
    )
    assert "expected: a finite number" in refusal(Window, {"kind": "random", "test_frac": value})


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"confidence": 1.0}, "gate.confidence = 1.0", "less than 1"),
        ({"confidence": 0.5}, "gate.confidence = 0.5", "greater than 0.5"),
        ({"margin": -1}, "gate.margin = -1", "greater than or equal to 0"),
        ({"n_resamples": 9}, "gate.n_resamples = 9", "greater than or equal to 100"),
        ({"parity_atol": 0}, "gate.parity_atol = 0", "greater than 0"),
    ],
)
def test_a_gate_beyond_its_range_is_refused(
    change: dict[str, Any], key: str, expected: str
) -> None:
    gate = {
        "metric": "roc_auc",
        "floors": {},
        "margin": 0,
        "slice_margin": 0,
        "confidence": 0.95,
        "n_resamples": 100,
        "min_rows": 1,
        "parity_atol": 1e-6,
    }
    assert refusal(Gate, gate | change) == message(key, expected, "gate")


def test_test_days_follow_from_train_end_and_embargo() -> None:
    window = Window.parse("window", TIME).root
    assert isinstance(window, TimeWindow)
    assert (str(window.test_start), str(window.test_end)) == ("2013-02-02", "2013-02-09")


@pytest.mark.parametrize("end", ["2013-01-01", "2012-12-31"])
def test_an_empty_train_window_is_refused(end: str) -> None:
    shown = refusal(Window, TIME | {"train_end": end})
    assert f"train_start before train_end, got 2013-01-01 and {end}" in shown


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"test_days": 0}, "window.time.test_days = 0", "greater than 0"),
        ({"embargo_days": -1}, "window.time.embargo_days = -1", "greater than or equal to 0"),
        ({"column": "x"}, 'window.time.column = "x"', "no such key"),
    ],
)
def test_a_wrong_window_is_refused(change: dict[str, Any], key: str, expected: str) -> None:
    assert refusal(Window, TIME | change) == message(key, expected, "window")


@pytest.mark.parametrize("kind", ["days", None])
def test_an_unknown_kind_lists_the_known_kinds(kind: str | None) -> None:
    shown = refusal(Window, TIME | {"kind": kind})
    assert "'time', 'random', 'grouped'" in shown


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5])
@pytest.mark.parametrize("form", [{"kind": "random"}, {"kind": "grouped", "column": "city"}])
def test_a_test_fraction_leaves_rows_on_both_sides(fraction: float, form: dict[str, Any]) -> None:
    assert f"test_frac = {fraction}" in refusal(Window, form | {"test_frac": fraction})


@pytest.mark.parametrize(
    "path", ["rows.csv", "/etc/passwd", "data/raw/../../etc/passwd", "data/rawer/x.csv", "data/raw"]
)
def test_a_source_outside_data_raw_is_refused(path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tables.data(sources={"a": {"kind": "csv", "path": path}})
    assert str(caught.value) == (
        f'conf: data.sources.a.csv.path = "{path}"\n'
        "  expected: a path below data/raw/, since ingest reads nothing that dvc.yaml does not "
        "declare\n"
        "  fix: edit conf/data/, then run 'mooring compose'"
    )


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "", "../UTC", "/etc/localtime"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tables.data(time={"column": "asked", "zone": zone})
    assert caught.value.what == f'data.time.zone = "{zone}"'
    assert caught.value.expected == "an IANA time zone, such as America/New_York or UTC"


def test_bounds_in_the_wrong_order_are_refused() -> None:
    column = {"kind": "number", "description": "", "unit": "", "min": 2, "max": 1}
    with pytest.raises(ConfigError) as caught:
        tables.data(columns={"x": column})
    assert caught.value.expected == "min at most max, got 2 > 1"


def test_an_open_set_has_no_list_of_categories() -> None:
    column = {"kind": "category", "description": "", "categories": ["a"], "open": True}
    with pytest.raises(ConfigError) as caught:
        tables.data(columns={"c": column})
    assert caught.value.expected == (
        "categories or open: true, not both: a list of categories is closed"
    )
    opened = tables.data(
        columns={"c": column | {"categories": None}, "d": column | {"open": False}}
    )
    assert opened.open_columns == {"c"}


@pytest.mark.parametrize(
    "change",
    [
        {"key": "x"},
        {"key": "answer"},
        {"key": "asked"},
        {"target": {"column": "city", "description": "", "unit": ""}},
    ],
)
def test_a_column_in_two_roles_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"in one role only: key, time, target or input"):
        tables.data(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Has Capitals"},
        {"task": "clustering"},
        {"query": "../secret.sql"},
        {"query": "conf/data/a.txt"},
        {"sources": {}},
        {"columns": {}},
        {"columns": {"x": {"kind": "date", "description": ""}}},
        {"columns": {"x": {"kind": "category", "description": "", "max_null_frac": 1.1}}},
        {"columns": {"x": {"kind": "category", "description": "", "max_length": 0}}},
    ],
)
def test_other_wrong_data_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=rf"data\.{next(iter(change))}"):
        tables.data(**change)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"bins": 4}, "either bins or a scale, not both"),
        ({"bins": 1, "scale": "none"}, "greater than or equal to 2"),
        (
            {"impute": "none", "indicator": True},
            "an impute strategy other than none, since bins or indicator is set",
        ),
        (
            {"impute": "none", "scale": "none", "bins": 3},
            "an impute strategy other than none, since bins or indicator is set",
        ),
        (
            {"encode": "target", "min_frac": 0.1},
            "min_frac: null with encode: target, which smooths rare categories itself",
        ),
        ({"min_frac": 0.0}, "greater than 0"),
        ({"min_frac": 1.0}, "less than 1"),
        ({"impute": "magic"}, "'none', 'mean', 'median' or 'zero'"),
    ],
)
def test_feature_options_that_exclude_each_other_are_refused(
    change: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        tables.features(**change)
    assert caught.value.expected == expected


def test_a_column_in_two_groups_and_no_column_at_all_are_refused() -> None:
    group = tables.features().categorical[0].model_dump()
    twice = {"derived": [], "numeric": [], "categorical": [group, group]}
    assert "each column in one group only; in several: city, word" in refusal(Features, twice)
    assert "at least one column" in refusal(Features, twice | {"categorical": []})


@pytest.mark.parametrize("where", ["params", "space"])
@pytest.mark.parametrize("name", ["random_state", "n_jobs"])
def test_seed_and_threads_are_refused_in_model_params(where: str, name: str) -> None:
    value = {name: 1 if where == "params" else {"kind": "int", "low": 1, "high": 2}}
    values = tables.model("sklearn.a.B").model_dump() | {where: value}
    assert f"no {name} here: conf/runtime sets the seed and the threads" in refusal(Model, values)


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ({"kind": "float", "low": 1, "high": 1}, "low below high, got 1.0 and 1.0"),
        ({"kind": "int", "low": 2, "high": 1}, "low below high, got 2 and 1"),
        (
            {"kind": "float", "low": 0, "high": 1, "log": True},
            "low above 0 where log is true, got 0.0",
        ),
        ({"kind": "choice", "values": []}, "at least 1 item"),
        ({"kind": "int", "low": 0.5, "high": 1}, "valid integer"),
    ],
)
def test_an_empty_search_space_is_refused(space: dict[str, Any], expected: str) -> None:
    values = tables.model("sklearn.a.B").model_dump() | {"space": {"C": space}}
    shown = refusal(Model, values)
    assert expected in shown
    assert "model.space.C" in shown


@pytest.mark.parametrize(
    "path", ["os.system", "sklearn", "sklearn.x", "xgboost.XGBClassifier", "sklearn.a.B; x"]
)
def test_an_estimator_outside_scikit_learn_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match=r"model\.estimator = "):
        tables.model(path)


def test_a_url_instead_of_an_environment_variable_is_refused() -> None:
    assert isinstance(Search.parse("search", TPE).root, TpeSearch)
    shown = refusal(Search, TPE | {"url_env": "postgresql://me@host/db"})
    assert "search.tpe.url_env" in shown


def test_too_few_report_rows_are_refused() -> None:
    values = {
        "slices": [],
        "min_slice_rows": 1,
        "threshold": None,
        "n_bins": 10,
        "importance_repeats": 1,
        "importance_rows": 100,
    }
    key, expected = "report.min_slice_rows = 1", "greater than 1"
    assert refusal(Report, values) == message(key, expected, "report")


def test_the_schema_describes_keys() -> None:
    schema = Data.model_json_schema()
    assert schema["additionalProperties"] is False
    assert (
        schema["properties"]["key"]["description"]
        == "The column that identifies a row; its values are unique."
    )
