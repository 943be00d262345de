"""A few rows in plain Python give what the same rows give as columns."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import ModelError
from mooring.features import few
from mooring.features.derivation import Derivation
from mooring.features.few import FewArrangement
from tests.features.test_derivation import NUMBERS, SPEC, TEXTS, matrices

DERIVATION = Derivation(SPEC)
numbers = st.none() | st.sampled_from([0.0, -0.0]) | st.floats(-1e6, 1e6)
texts = st.none() | st.sampled_from(["JFK", "LGA", "é", "-"]) | st.text(max_size=4)
rows_of_values = st.lists(
    st.tuples(*[numbers] * len(NUMBERS), *[texts] * len(TEXTS), st.just("a key")), min_size=1
)


@given(rows_of_values)
def test_row_wise_derivation_equals_column_wise_derivation(rows: list[tuple[Any, ...]]) -> None:
    arranged = FewArrangement(DERIVATION, [*NUMBERS, *TEXTS])
    k, n = len(NUMBERS), len(NUMBERS) + len(TEXTS)
    numeric, category = matrices([(*row[:k], *(text or "" for text in row[k:n])) for row in rows])
    for _ in range(2):  # derived, then remembered
        for at, (found, words) in enumerate(arranged(rows)):
            np.testing.assert_allclose(np.array(found, np.float64), numeric[at], rtol=1e-15)
            assert [word or "" for word in words] == [column[at] for column in category]


def test_positive_and_negative_zero_differ() -> None:
    arranged = FewArrangement(DERIVATION, [*NUMBERS, *TEXTS])
    at = SPEC.numeric.index("departure_sin")
    for zero in (0.0, -0.0, 0.0):
        ((numeric, _),) = arranged([(zero, None, None, "a", "b")])
        assert math.copysign(1.0, numeric[at]) == math.copysign(1.0, zero)


def test_the_cache_of_derived_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few, "MAX_REMEMBERED", 3)
    arranged = FewArrangement(DERIVATION, [*NUMBERS, *TEXTS])
    for minute in range(20):
        assert list(arranged([(float(minute), 1.0, 2.0, "a", "b")]))
    assert all(len(column._known) <= 3 for _, column in arranged._steps)


def test_a_derived_text_can_read_another() -> None:
    derivation = Derivation(SPEC.model_copy(update={"categorical": ("sign",)}))
    derivation.steps = [
        *derivation.steps,
        (
            "sign",
            lambda route, wind_x: np.where(wind_x > 0, route, "-").astype(object),
            ("route", "wind_x"),
        ),
    ]
    derivation.spec = derivation.spec.model_copy(update={"derived": (*SPEC.derived, "sign")})
    arranged = FewArrangement(derivation, [*NUMBERS, *TEXTS])
    rows = [(0.0, 1.0, 90.0, None, "b"), (0.0, 1.0, 270.0, "a", "b"), (0.0, None, 90.0, "a", "b")]
    assert [texts for _, texts in arranged(rows)] == [("-b",), ("-",), ("-",)]


def test_an_absent_input_is_named() -> None:
    with pytest.raises(ModelError, match="column dest is missing from the rows"):
        FewArrangement(DERIVATION, [*NUMBERS, *TEXTS[:1]])
