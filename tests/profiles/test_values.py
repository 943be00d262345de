"""What a sketch may see of a column, and what is only counted."""

import decimal

import numpy as np
import pandas as pd
import pytest

from mooring.errors import DataError
from mooring.profiles.values import LARGEST, categories, numbers


def objects(*values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def test_nan_and_infinity_are_counted_and_kept_out():
    found = numbers("x", np.array([1.0, np.nan, np.inf, -np.inf, 2.0]))
    assert found.finite.tolist() == [1.0, 2.0]
    assert (found.n, found.null, found.nan, found.inf) == (5, 1, 1, 2)


def test_none_and_na_are_null_but_not_nan():
    found = numbers("x", objects(None, 1.5, float("nan"), pd.NA))
    assert found.finite.tolist() == [1.5]
    assert (found.n, found.null, found.nan, found.inf) == (4, 3, 1, 0)


def test_a_number_whose_square_overflows_counts_as_infinite():
    below = np.nextafter(LARGEST, 0)
    found = numbers("x", np.array([below, LARGEST, -LARGEST, 1e308]))
    assert found.finite.tolist() == [below]
    assert found.inf == 3


def test_integers_beyond_64_bits_are_numbers():
    found = numbers("x", objects(2**70, -(2**70), 10**400, -(10**400)))
    assert found.finite.tolist() == [2.0**70, -(2.0**70)]
    assert found.inf == 2


def test_unsigned_integers_do_not_wrap():
    found = numbers("x", np.array([2**64 - 1, 1], dtype=np.uint64))
    assert found.finite.tolist() == [2.0**64, 1.0]


@pytest.mark.parametrize("dtype", ["float32", "float16", ">f8", "longdouble", "int8", "bool"])
def test_every_numeric_dtype_becomes_native_float64(dtype):
    found = numbers("x", np.array([0, 1, 1], dtype=dtype))
    assert found.finite.dtype == np.dtype("=f8")
    assert found.finite.tolist() == [0.0, 1.0, 1.0]


def test_boxed_numbers_of_any_kind_are_numbers():
    found = numbers("x", objects(np.float32(0.5), 1, True, decimal.Decimal("2.5")))
    assert found.finite.tolist() == [0.5, 1.0, 1.0, 2.5]


def test_a_strided_column_becomes_contiguous():
    found = numbers("x", np.arange(12.0).reshape(4, 3)[::-1, 1])
    assert found.finite.flags.c_contiguous
    assert found.finite.tolist() == [10.0, 7.0, 4.0, 1.0]


@pytest.mark.parametrize("value", ["1.5", b"1.5", 1j, (1, 2), decimal.Decimal("sNaN")])
def test_what_is_no_number_is_refused_by_column(value):
    with pytest.raises(DataError) as caught:
        numbers("temp", objects(1.0, value))
    assert str(caught.value) == (
        "column temp cannot be profiled\n"
        "  expected: numbers\n"
        f"  got: {value!r}\n"
        "  fix: give the column the kind that conf/data declares"
    )


def test_a_column_of_texts_is_no_number_column():
    with pytest.raises(DataError, match="got: dtype <U1"):
        numbers("temp", np.array(["1", "2"]))


def test_missing_texts_of_every_spelling_are_null():
    found = categories("x", objects("b", None, float("nan"), pd.NA, "", "a", "b"))
    assert list(found.counts.items()) == [("b", 2), ("a", 1)]
    assert (found.n, found.null) == (7, 4)


def test_a_categorical_with_nulls_is_counted():
    found = categories("x", np.asarray(pd.Categorical(["a", None, "a", "b"])))
    assert found.counts == {"a": 2, "b": 1}
    assert found.null == 1


def test_what_is_no_text_becomes_one():
    found = categories("x", objects(1, "1", True, 1.0, None))
    assert found.counts == {"1": 2, "True": 1, "1.0": 1}
    assert found.null == 1


def test_number_dtypes_become_texts_in_a_category_column():
    assert categories("x", np.array([3, 1, 3])).counts == {"3": 2, "1": 1}


def test_lone_surrogates_become_their_escapes():
    found = categories("x", objects("\ud800", "\udfff", "\\ud800", "é"))
    assert found.counts == {"\\ud800": 2, "\\udfff": 1, "é": 1}


def test_values_without_a_hash_are_refused():
    with pytest.raises(DataError, match="column carrier cannot be profiled"):
        categories("carrier", objects("a", ["b"]))
