"""The declared problems, whole: real rows in, known counts out, and nothing that leaks."""

import json
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from sklearn.datasets import load_diabetes
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.config.runtime import Runtime
from mooring.config.window import Window
from mooring.data.ingest import ingest
from mooring.data.split import SplitFiles, split
from mooring.data.validation import validate
from mooring.features import derived

CONF = Path(__file__).resolve().parents[2] / "conf"
LEAKS = {"dep_delay", "dep_time", "arr_time", "air_time", "arr_delay"}


def section(group: str, name: str) -> Any:
    values = yaml.safe_load((CONF / group / f"{name}.yaml").read_text())
    return json.loads(json.dumps(values, default=str))


def run(name: str) -> dict[str, dict[str, Any]]:
    """Ingest, validate and split one problem in the current directory."""
    data = Data.parse("data", section("data", name), CONF)
    window = Window.parse("window", section("window", name), CONF)
    runtime = Runtime.parse("runtime", section("runtime", "two_cores"), CONF)
    rows = Path("data/rows.parquet")
    files = SplitFiles(*map(Path, ("train.parquet", "test.parquet", "rest.parquet", "split.json")))
    query = CONF / "data" / f"{name}.sql"
    return {
        "manifest": ingest(data, runtime, query, rows, Path("manifest.json")),
        "report": validate(data, rows, Path("validation.json")),
        "split": split(data, window, runtime, rows, files),
    }


def origins(name: str, column: str) -> Iterator[str]:
    """Yield each source column, as alias.column, that an output column is made from."""
    query = (CONF / "data" / f"{name}.sql").read_text()
    for node in lineage(column, query, {}, dialect="duckdb").walk():
        if isinstance(node.expression, exp.Table):
            yield node.name.lower()


@pytest.fixture(scope="module")
def flights(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("flights"))
        return run("flights") | {"columns": pq.read_schema("data/rows.parquet").names}


def test_every_flight_of_2013_appears_once_in_order_and_passes_the_rules(flights):
    manifest = flights["manifest"]
    assert (manifest["rows"], manifest["unlabelled_rows"]) == (336_776, 9_430)
    assert manifest["time"]["first"] == "2013-01-01T10:15:00Z"
    assert manifest["time"]["last"] == "2014-01-01T04:59:00Z"
    assert manifest["sources"]["flights"]["bytes"] == 8_258_905
    assert flights["report"]["passed"]


def test_the_flights_windows_contain_all_rows_of_their_days(flights):
    facts = flights["split"]
    assert {
        side: (facts[side]["rows"], facts[side]["positives"]) for side in ("train", "test")
    } == {"train": (133_603, 31_671), "test": (27_203, 8_865)}
    parts = [facts[side][kind] for side in ("train", "test") for kind in ("rows", "unlabelled")]
    assert sum(parts) + sum(facts["dropped"].values()) == 336_776


def test_no_column_that_is_known_only_later_reaches_the_rows(flights):
    assert not LEAKS & set(flights["columns"])
    used = {
        name: {each.rpartition(".")[2] for each in origins("flights", name)}
        for name in flights["columns"]
    }
    assert all(used.values())
    leaking = {name: columns & LEAKS for name, columns in used.items() if columns & LEAKS}
    assert leaking == {"late": {"arr_delay"}}


def test_no_leaking_column_filters_or_joins_the_flights():
    """Lineage sees what a column is made from; this sees the rest of the query."""
    tree = parse_one((CONF / "data/flights.sql").read_text(), read="duckdb")
    for part in tree.find_all(exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify):
        assert not LEAKS & {column.name.lower() for column in part.find_all(exp.Column)}


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_weather_needs_no_code_beyond_conf(workplace):
    found = run("weather")
    assert (found["manifest"]["rows"], found["manifest"]["unlabelled_rows"]) == (26_115, 48)
    assert (found["split"]["train"]["rows"], found["split"]["test"]["rows"]) == (19_586, 4_266)


def test_the_weather_is_labelled_by_the_next_hour_of_the_same_airport(workplace):
    run("weather")
    rows = pq.ParquetFile("data/rows.parquet").read().to_pylist()
    at = {(row["origin"], row["asked_at"].timestamp()): row for row in rows}
    for row in rows:
        following = at.get((row["origin"], row["asked_at"].timestamp() + 3600))
        assert row["rain"] == (None if following is None else float(following["precip"] > 0))


def test_diabetes_needs_no_code_beyond_conf(workplace):
    patients = load_diabetes(scaled=False)
    columns = dict(zip(patients.feature_names, patients.data.T, strict=True))
    table = pa.table({"id": range(442)} | columns | {"progression": patients.target})
    Path("data/raw").mkdir(parents=True)
    pq.write_table(table, "data/raw/diabetes.parquet")
    found = run("diabetes")
    assert found["manifest"]["rows"] == 442
    assert found["split"]["train"]["rows"] + found["split"]["test"]["rows"] == 442
    rows = pq.ParquetFile("data/rows.parquet").read()
    assert set(rows["sex"].to_pylist()) == {"1", "2"}


@pytest.mark.parametrize("name", ["flights", "weather", "diabetes"])
def test_every_input_is_used_by_the_features(name):
    from_conf = Features.parse("features", section("features", name), CONF)
    data = Data.parse("data", section("data", name), CONF)
    groups = (*from_conf.numeric, *from_conf.categorical)
    used = {column for group in groups for column in group.columns}
    needed = {
        each for one in from_conf.derived for each in signature(getattr(derived, one)).parameters
    }
    assert not set(data.columns) - used - needed
