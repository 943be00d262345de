"""The layout: what a model depends on of conf/data, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from mooring.errors import IntegrityError
from mooring.features.layout import Layout
from tests.support import tables


def layout(**changes: Any) -> Layout:
    return Layout.of(tables.data(**changes), tables.features())


COLUMNS: dict[str, Any] = tables.data().model_dump(mode="json")["columns"]
NARROW = {"x": COLUMNS["x"] | {"min": -1.0, "unit": "m", "max_null_frac": 0.5}}


@pytest.mark.parametrize("timed", [True, False])
def test_what_is_written_is_read_back(tmp_path: Path, timed: bool) -> None:
    written = layout(timed=timed)
    written.write(tmp_path / "layout.json")
    assert Layout.read(tmp_path / "layout.json") == written


@pytest.mark.parametrize(
    "change",
    [
        {"columns": COLUMNS | NARROW},
        {"target": {"column": "answer", "description": "in other words", "unit": "2"}},
        {"query": "conf/data/another.sql"},
    ],
)
def test_rules_units_descriptions_and_sources_are_not_in_the_layout(change: dict[str, Any]) -> None:
    assert tables.data(**change) != tables.data()
    assert layout(**change) == layout()


@pytest.mark.parametrize(
    "change",
    [
        {"target": {"column": "delay", "description": "what is asked", "unit": "1"}},
        {"key": "number"},
        {"time": {"column": "asked", "zone": "America/New_York"}},
        {"name": "other"},
    ],
)
def test_names_and_zone_are_in_the_layout(change: dict[str, Any]) -> None:
    assert layout(**change) != layout()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    path.write_text('{"name": "small"}')
    with pytest.raises(IntegrityError) as caught:
        Layout.read(path)
    assert str(caught.value) == (
        f"{path}: is not a layout of the features stage\n"
        "  expected: a value for this key\n"
        "  got: task = nothing\n"
        "  fix: run 'dvc repro'"
    )
