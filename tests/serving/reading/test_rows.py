"""Rows of JSON: the fast way and the strict way accept the same, and give the same columns."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.bento.request import RequestSchema
from mooring.config.serving import Limits, Serving
from mooring.serving.problems import Problem
from mooring.serving.reading.columns import ColumnReader
from mooring.serving.reading.explain import read_rows
from mooring.serving.reading.rows import RowReader
from tests.support import tables

INPUTS = {
    "x": np.array([1.0, 2.0]),
    "y": np.array([1.0, np.nan]),
    "z": np.array([0.5, 0.5]),
    "city": np.array(["Rye", "Troy"], dtype=object),
    "word": np.array(["alpha", ""], dtype=object),
}
NARROW = {
    "x": {"kind": "number", "description": "", "unit": "m", "min": -5, "max": 1e6},
    "city": {"kind": "category", "description": "", "categories": ["Rye", "Troy", 'a"b']},
}


def schema(**columns: Any) -> RequestSchema:
    data = tables.data()
    own = {**data.model_dump(mode="json")["columns"], **NARROW, **columns}
    return RequestSchema.of(tables.data(columns=own), INPUTS)


def serving(**changes: Any) -> Serving:
    from_conf = tables.serving()
    return from_conf.model_copy(update=changes)


READER = RowReader(schema(), serving())
WAYS = (READER.read, READER.read_columns)
STRICT_ONLY = READER.schema, READER.serving
ROW = {"x": 1.5, "y": None, "z": -2, "city": "Troy", "word": "β"}

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
rows = st.fixed_dictionaries(
    {
        "x": st.none() | st.floats(-5, 1e6) | st.integers(-5, 10),
        "y": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "z": st.none() | st.integers(-(2**70), 2**70),
        "city": st.none() | st.sampled_from(["Rye", "Troy", 'a"b']),
        "word": st.none() | texts,
    },
    optional={
        "id": texts,
        "asked": st.just("2026-01-31t08:00:00z") | st.just("2026-01-31T08:00:00.25+05:30"),
    },
)


@given(st.lists(rows, min_size=1, max_size=5), st.booleans())
def test_valid_rows_are_taken_whichever_way_they_are_written(content: Any, ascii: bool) -> None:
    body = json.dumps({"rows": content}, ensure_ascii=ascii).encode()
    for columns in (READER.layout.columns_of(READER.read(body)), READER.read_columns(body)):
        assert list(columns.keys) == [row.get("id") for row in content]
        assert [at is None for at in columns.times] == ["asked" not in row for row in content]
        for name, found in zip(("x", "y", "z"), columns.numbers, strict=True):
            expected = [math.nan if row[name] is None else float(row[name]) for row in content]
            np.testing.assert_array_equal(found, expected)
        for name, texts in zip(("city", "word"), columns.categories, strict=True):
            assert list(texts.texts()) == [row[name] or "" for row in content]
    assert read_rows(body, *STRICT_ONLY) == json.loads(body, parse_int=float)


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.just({})
)


@given(st.sampled_from([*ROW, "id", "asked", "other"]), values)
def test_the_fast_way_takes_nothing_that_the_strict_way_refuses(name: str, value: Any) -> None:
    body = json.dumps({"rows": [ROW | {name: value}]}).encode()
    try:
        read_rows(body, *STRICT_ONLY)
    except Problem as expected:
        for read in WAYS:
            with pytest.raises(Problem) as caught:
                read(body)
            assert (caught.value.status, caught.value.errors) == (expected.status, expected.errors)
    else:
        assert len(READER.read(body)) == READER.read_columns(body).n_rows == 1


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "ignore")))
def test_any_other_bytes_are_a_problem_and_nothing_else(body: bytes) -> None:
    for read in WAYS:
        with pytest.raises(Problem) as caught:
            read(body)
        assert caught.value.status in (400, 422)


@pytest.mark.parametrize("place", ["rows", "city", "Troy"])
def test_a_text_that_is_no_utf_8_is_a_problem_wherever_it_stands(place: str) -> None:
    body = json.dumps({"rows": [ROW]}).encode().replace(place.encode(), b"T\xffy")
    with pytest.raises(Problem) as caught:
        READER.read(body)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"rows": [{"x":1,"x":2,"y":1,"z":1,"city":"Rye","word":"a"}]}',
        '{"rows": [{"x":1,"y":1,"z":1,"city":null,"city":"Rye","word":"a"}]}',
        '{"rows": [{"x":1,"y":1,"z":1,"city":"Rye","word":"a","id":"1","id":"2"}]}',
        '{"rows": [1], "rows": [{"x":1,"y":1,"z":1,"city":"Rye","word":"a"}]}',
    ],
)
def test_a_key_that_comes_twice_is_refused_though_the_decoder_takes_it(body: str) -> None:
    for read in WAYS:
        with pytest.raises(Problem) as caught:
            read(body.encode())
        assert caught.value.status == 400
        assert "is repeated" in caught.value.detail


def test_a_missing_value_is_refused_where_the_policy_says_so() -> None:
    reader = RowReader(schema(), serving(missing="refuse"))
    with pytest.raises(Problem) as caught:
        reader.read(json.dumps({"rows": [ROW]}).encode())
    assert [(e.row, e.column, e.rule, e.value) for e in caught.value.errors] == [
        (0, "y", "not null", "null")
    ]


def test_an_unseen_category_is_refused_where_the_policy_says_so() -> None:
    reader = RowReader(schema(), serving(unseen="refuse"))
    for read in (reader.read, reader.read_columns):
        with pytest.raises(Problem) as caught:
            read(json.dumps({"rows": [ROW, ROW | {"word": "alpha"}]}).encode())
        assert [(e.row, e.column, e.rule, e.value) for e in caught.value.errors] == [
            (0, "word", "a category that training has seen", '"\\u03b2"')
        ]
        assert read(json.dumps({"rows": [ROW | {"word": None}]}).encode())


@pytest.mark.parametrize("form", ["rows", "columns"])
def test_an_unseen_category_of_an_open_set_is_never_refused(form: str) -> None:
    word = {"kind": "category", "description": "a word", "open": True}
    declared = schema(word=word), serving(unseen="refuse")
    if form == "rows":
        assert len(RowReader(*declared).read(json.dumps({"rows": [ROW]}).encode())) == 1
    else:
        columns = {name: [value] for name, value in ROW.items()}
        body = json.dumps({"columns": columns}).encode()
        assert len(ColumnReader(*declared).read(body).keys) == 1


def test_only_the_first_violations_are_told() -> None:
    body = json.dumps({"rows": [ROW | {"x": -9}] * 50}).encode()
    with pytest.raises(Problem) as caught:
        READER.read(body)
    assert len(caught.value.errors) == 20
    assert caught.value.detail == "20 values (and perhaps more) break a rule"
    assert caught.value.errors[0].rule == "at least -5 m"


def test_limits_are_those_of_conf() -> None:
    limits = Limits(body_bytes=2048, rows=2, body_timeout_s=1)
    reader = RowReader(schema(), serving(limits=limits))
    assert len(reader.read(json.dumps({"rows": [ROW] * 2}).encode())) == 2
    with pytest.raises(Problem) as caught:
        reader.read(json.dumps({"rows": [ROW] * 3}).encode())
    assert caught.value.detail == "at most 2 rows in a request, got 3"


def test_an_absurd_time_is_refused_in_the_fast_way_and_in_the_strict_one() -> None:
    for at in ("0001-01-01T00:00:00Z", "1970-12-31T23:00:00Z", "2200-01-01T00:00:00Z"):
        for read in WAYS:
            with pytest.raises(Problem) as caught:
                read(json.dumps({"rows": [ROW | {"asked": at, "word": "plain"}]}).encode())
            assert [error.column for error in caught.value.errors] == ["asked"]
