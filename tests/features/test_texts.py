"""Category columns: the plain form and the dictionary form of the same texts say the same."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.features.texts import (
    MIN_DICTIONARY_ROWS,
    DictionaryColumn,
    PlainColumn,
    derived_column,
    text_column,
)

texts = st.lists(
    st.none() | st.sampled_from(["", "JFK", "é", "-"]) | st.text(max_size=3), min_size=1
)


def both(given_texts: list[str | None]) -> tuple[PlainColumn, DictionaryColumn]:
    return PlainColumn([text or "" for text in given_texts]), DictionaryColumn.of(given_texts)


@given(texts, st.sets(st.sampled_from(["", "JFK", "é"])), st.data())
def test_both_forms_say_the_same_of_the_same_texts(
    given_texts: list[str | None], asked: set[str], data: Any
) -> None:
    plain, dictionary = both(given_texts)
    assert list(dictionary.texts()) == list(plain.texts())
    assert dictionary.count(asked) == plain.count(asked)
    where = data.draw(st.lists(st.integers(0, len(given_texts) - 1)).map(np.array))
    for some in (slice(1, None, 2), where.astype(np.intp)):
        assert list(dictionary.rows(some).texts()) == list(plain.rows(some).texts())


def test_a_text_is_encoded_as_the_numbers_that_stand_for_it() -> None:
    rows = {text: np.array([len(text), 0.5]).tobytes() for text in ("", "a", "bc")}
    for column in both(["a", None, "bc", "a"]):
        assert column.encoded(rows, 2).tolist() == [[1, 0.5], [0, 0.5], [2, 0.5], [1, 0.5]]


def test_many_rows_are_kept_as_a_dictionary_of_their_different_texts() -> None:
    many = text_column(["a", "b"] * (MIN_DICTIONARY_ROWS // 2))
    assert isinstance(many, DictionaryColumn)
    assert many.different == ["a", "b"]
    assert isinstance(text_column(["a"] * (MIN_DICTIONARY_ROWS - 1)), PlainColumn)


def joined(left: Any, right: Any) -> Any:
    return left + "-" + right


def lengths(column: Any) -> Any:
    return np.array([float(len(text)) for text in column])


@given(texts, st.randoms())
def test_a_function_of_texts_gives_in_both_forms_what_it_gives_of_each_row(
    given_texts: list[str | None], random: Any
) -> None:
    others = random.sample(given_texts, len(given_texts))
    expected = [
        f"{one or ''}-{other or ''}" for one, other in zip(given_texts, others, strict=True)
    ]
    for columns in zip(both(given_texts), both(others), strict=True):
        found = derived_column(joined, columns)
        assert not isinstance(found, np.ndarray)
        assert list(found.texts()) == expected
    for column in both(given_texts):
        assert list(derived_column(lengths, [column])) == [len(text or "") for text in given_texts]


def test_a_function_is_asked_once_for_each_combination_of_texts() -> None:
    asked = []

    def counted(left: Any, right: Any) -> Any:
        asked.append(len(left))
        return joined(left, right)

    left, right = (
        DictionaryColumn.of(["a", "b"] * 50),
        DictionaryColumn.of(["c", "c", "d", "d"] * 25),
    )
    derived_column(counted, [left, right])
    assert asked == [4]


def test_a_function_of_numbers_and_texts_sees_every_row() -> None:
    numbers = np.arange(4.0)
    for column in both(["a", "b", "a", None]):
        found = derived_column(lambda x, text: np.where(text == "a", x, -1.0), [numbers, column])
        assert list(found) == [0, -1, 2, -1]


@pytest.mark.parametrize("form", [0, 1], ids=["plain", "dictionary"])
def test_no_rows_are_a_column_as_well(form: int) -> None:
    column = both([])[form]
    assert list(column.texts()) == []
    assert column.count({""}) == 0
    assert column.encoded({}, 3).shape == (0, 3)
