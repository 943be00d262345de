"""Derivation: the same columns, whether rows come one by one or all at once."""

import inspect
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import ModelError
from mooring.features.derivation import Arrangement, Derivation
from mooring.features.spec import FeatureSpec, derived_functions, parameters
from mooring.features.texts import MIN_DICTIONARY_ROWS, text_column

NUMBERS = ("departure_minute", "wind_speed", "wind_dir")
TEXTS = ("origin", "dest")
SPEC = FeatureSpec(
    inputs={name: "number" for name in NUMBERS} | {name: "category" for name in TEXTS},
    derived=tuple(derived_functions()),
    numeric=(*NUMBERS, *(n for n in derived_functions() if n != "route")),
    categorical=(*TEXTS, "route"),
)
numbers = st.one_of(
    st.just(float("nan")), st.floats(-1e6, 1e6, allow_nan=False), st.integers(0, 1439).map(float)
)
texts = st.one_of(st.just(""), st.sampled_from(["JFK", "LGA", "é", "-"]), st.text(max_size=4))


def matrices(rows: list[tuple[Any, ...]]) -> tuple[Any, list[list[str]]]:
    """Return what a model takes of rows of three numbers and two texts, row by row."""
    numbers = np.array([row[: len(NUMBERS)] for row in rows], dtype=np.float64)
    texts = [text_column([row[len(NUMBERS) + at] for row in rows]) for at in range(len(TEXTS))]
    numeric, category = Arrangement(Derivation(SPEC), NUMBERS, TEXTS)(numbers.T, texts)
    return numeric.T, [list(column.texts()) for column in category]


@given(
    st.lists(
        st.tuples(numbers, numbers, numbers, texts, texts),
        min_size=1,
        max_size=MIN_DICTIONARY_ROWS + 20,
    )
)
def test_single_rows_give_the_same_matrices_as_all_rows(rows: list[tuple[Any, ...]]) -> None:
    numeric, category = matrices(rows)
    for position, row in enumerate(rows):
        one_numeric, one_category = matrices([row])
        np.testing.assert_array_equal(one_numeric[0], numeric[position])
        assert one_category == [[column[position]] for column in category]


def test_matrices_are_in_the_order_of_the_spec() -> None:
    numeric, category = matrices([(360.0, 2.0, 90.0, "JFK", "LAX")])
    assert numeric.dtype == np.float64
    assert numeric[0, :3].tolist() == [360.0, 2.0, 90.0]
    named = dict(zip(SPEC.numeric, numeric[0], strict=True))
    assert named["departure_sin"] == pytest.approx(1.0)
    assert named["departure_cos"] == pytest.approx(0.0, abs=1e-12)
    assert named["wind_x"] == pytest.approx(2.0)
    assert named["wind_y"] == pytest.approx(0.0, abs=1e-12)
    assert category == [["JFK"], ["LAX"], ["JFK-LAX"]]


def test_columns_are_found_at_any_position_in_a_row() -> None:
    spec = SPEC.model_copy(
        update={"numeric": ("wind_y", *NUMBERS[::-1]), "categorical": ("route", *TEXTS[::-1])}
    )
    arranged = Arrangement(
        Derivation(spec), ("wind_dir", "departure_minute", "wind_speed"), TEXTS[::-1]
    )
    texts = [text_column(["LAX"]), text_column(["JFK"])]
    numeric, category = arranged(np.array([[180.0], [360.0], [2.0]]), texts)
    assert numeric[:, 0].tolist() == [pytest.approx(-2.0), 180.0, 2.0, 360.0]
    assert [list(column.texts()) for column in category] == [["JFK-LAX"], ["LAX"], ["JFK"]]


def test_missing_stays_missing() -> None:
    nan = float("nan")
    numeric, category = matrices([(nan, 3.0, nan, "", "LAX")])
    named = dict(zip(SPEC.numeric, numeric[0], strict=True))
    assert named["wind_speed"] == 3.0
    missing = {name for name, value in named.items() if np.isnan(value)}
    assert missing == {
        "departure_minute",
        "departure_sin",
        "departure_cos",
        "wind_dir",
        "wind_x",
        "wind_y",
    }
    assert category == [[""], ["LAX"], ["-LAX"]]


def test_inputs_are_not_modified() -> None:
    given_columns = {name: np.array([1.0]) for name in NUMBERS}
    given_columns |= {name: np.array(["a"], dtype=object) for name in TEXTS}
    assert len(Derivation(SPEC).derive(given_columns)) == 2 * len(given_columns)
    assert list(given_columns) == [*NUMBERS, *TEXTS]


def test_an_absent_input_is_named() -> None:
    with pytest.raises(ModelError) as caught:
        Arrangement(Derivation(SPEC), NUMBERS[:2], TEXTS[:1])
    assert str(caught.value) == (
        "column wind_dir, dest is missing from the rows\n"
        "  expected: departure_minute, wind_speed, wind_dir, origin, dest\n"
        "  fix: send every input; a missing value is NaN in a number, '' in a category"
    )


def test_a_column_that_this_code_cannot_derive_is_named() -> None:
    with pytest.raises(ModelError, match="derived column humidex does not exist in this code"):
        Derivation(SPEC.model_copy(update={"derived": ("humidex",)}))


@pytest.mark.parametrize("name", derived_functions())
def test_a_derived_column_declares_its_type_and_inputs(name: str) -> None:
    function = derived_functions()[name]
    assert inspect.getdoc(function)
    hints = get_type_hints(function, include_extras=True)
    assert set(hints) == {*parameters(function), "return"}
    assert parameters(function)
    assert {hint.__metadata__[0] for hint in hints.values()} <= {"number", "category"}


def test_only_functions_of_the_module_are_derived_columns() -> None:
    assert set(derived_functions()) == {
        "departure_sin",
        "departure_cos",
        "wind_x",
        "wind_y",
        "route",
    }
