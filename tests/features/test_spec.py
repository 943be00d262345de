"""The spec: every column exists, is of the right kind, and is used."""

from typing import Any

import pytest

from mooring.config.data import Data
from mooring.config.features import Features
from mooring.errors import ConfigError
from mooring.features.spec import FeatureSpec
from tests.support import tables

NUMBER = {"kind": "number", "description": "", "unit": ""}
CATEGORY = {"kind": "category", "description": ""}
COLUMNS = {"wind_speed": NUMBER, "wind_dir": NUMBER, "origin": CATEGORY, "dest": CATEGORY}


def spec(
    derived: list[str], numeric: list[str], categorical: list[str], columns: Any = COLUMNS
) -> FeatureSpec:
    data: Data = tables.data(columns=columns)
    number: dict[str, Any] = {"impute": "none", "indicator": False, "scale": "none", "bins": None}
    category: dict[str, Any] = {"encode": "ordinal", "min_frac": None}
    sections = {
        "derived": derived,
        "numeric": [number | {"columns": numeric}],
        "categorical": [category | {"columns": categorical}],
    }
    return FeatureSpec.of(data, Features.parse("features", sections))


def test_columns_keep_the_order_of_the_groups() -> None:
    found = spec(["route", "wind_y"], ["wind_y", "wind_dir"], ["route", "origin"])
    assert found.numeric == ("wind_y", "wind_dir")
    assert found.categorical == ("route", "origin")
    assert list(found.inputs) == list(COLUMNS)
    assert FeatureSpec.model_validate_json(found.model_dump_json()) == found


def test_used_inputs_are_those_that_reach_the_model_through_derived_columns_too() -> None:
    found = spec(["route", "wind_y"], ["wind_y"], ["route"])
    assert found.used_inputs == tuple(COLUMNS)
    unread = found.model_copy(update={"categorical": ()})
    assert unread.used_inputs == ("wind_speed", "wind_dir")


@pytest.mark.parametrize(
    ("derived", "numeric", "categorical", "what", "expected"),
    [
        (
            [],
            ["speed"],
            ["origin"],
            "features.numeric: speed",
            "a number column: one of wind_dir, wind_speed",
        ),
        (
            [],
            ["wind_speed", "origin"],
            ["dest"],
            "features.numeric: origin",
            "a number column: one of wind_dir, wind_speed",
        ),
        (
            [],
            ["wind_speed"],
            ["wind_dir"],
            "features.categorical: wind_dir",
            "a category column: one of dest, origin",
        ),
        (
            [],
            ["wind_speed"],
            ["origin"],
            "features: does not use wind_dir, dest",
            "every input and derived column in use",
        ),
        (
            ["wind_x"],
            ["wind_dir"],
            ["origin", "dest"],
            "features: does not use wind_x",
            "every input and derived column in use",
        ),
        (
            ["humidex"],
            ["wind_dir"],
            ["origin"],
            "features.derived: humidex",
            "one of departure_cos, departure_sin, route, wind_x, wind_y",
        ),
        (
            ["departure_sin"],
            ["wind_dir"],
            ["origin"],
            "features.derived: departure_sin",
            "a number column departure_minute before it",
        ),
        (
            ["route", "route"],
            ["wind_dir"],
            ["origin"],
            "features.derived: route",
            "a name that is not taken by another column",
        ),
    ],
)
def test_a_column_that_does_not_fit_is_refused(
    derived: list[str], numeric: list[str], categorical: list[str], what: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        spec(derived, numeric, categorical)
    assert str(caught.value) == (
        f"params.yaml: {what}\n  expected: {expected}\n"
        "  fix: edit conf/features/, then run 'mooring compose'"
    )


def test_a_derived_column_of_inputs_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="a category column origin before it"):
        spec(["route"], ["origin"], ["dest", "route"], {"origin": NUMBER, "dest": CATEGORY})
