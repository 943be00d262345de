"""The OpenAPI document and the server agree: what the one allows, the other takes, and no more."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.serving.problems import Problem
from mooring.serving.reading.rows import RowReader
from tests.serving.http.test_openapi import (
    MODES,
    documented,
    flights,
    hostile,
    of_small,
    request_of,
    serving,
    validator,
)

HUGE = 10**400

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([HUGE, -HUGE, 1.5, -1, 0, 1440, "EWR", "Rye", "late", "9E"])
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.just([])
    | st.just({})
)
times = st.sampled_from(
    ["2026-01-31T08:00:00Z", "2026-01-31T08:00:00.25+05:30", "2026-01-31", "08:00", "now", "", 5]
)  # fmt: skip
edits = st.dictionaries(
    st.sampled_from([*flights().columns, "flight_key", "x"]), values, max_size=2
)
READERS = {mode: RowReader(request_of(flights()), serving(*mode)) for mode in MODES}
JUDGES = {mode: validator(documented(flights(), *mode), "Rows") for mode in MODES}


def accepted(mode: tuple[str, str], body: Any) -> bool:
    try:
        READERS[mode].read(json.dumps(body).encode())
    except Problem as problem:
        assert problem.status in (400, 422)
        return False
    return True


@given(edits, st.none() | times, st.sampled_from(MODES))
def test_the_document_allows_a_row_if_and_only_if_the_server_takes_it(
    edit: dict[str, Any], at: Any, mode: tuple[str, str]
) -> None:
    row = {**request_of(flights()).example, **edit}
    if at is not None:
        row["scheduled_at"] = at
    body = {"rows": [row]}
    assert JUDGES[mode].is_valid(body) == accepted(mode, body)


@pytest.mark.parametrize(
    "body",
    [{}, [], {"rows": []}, {"rows": {}}, {"rows": [5]}, {"rows": [{}]}, {"rows": [{}], "more": 1}],
)
def test_other_shapes_are_refused_by_document_and_server(body: Any) -> None:
    assert not JUDGES["score", "score"].is_valid(body)
    assert not accepted(("score", "score"), body)


def test_too_many_rows_and_a_missing_column_are_refused_by_document_and_server() -> None:
    mode = ("score", "score")
    row = dict(request_of(flights()).example)
    less = {name: value for name, value in row.items() if name != "origin"}
    for rows, allowed in (([row] * 3, True), ([row] * 4, False), ([less], False)):
        assert JUDGES[mode].is_valid({"rows": rows}) is allowed
        assert accepted(mode, {"rows": rows}) is allowed


def test_the_example_of_rows_is_what_the_server_takes() -> None:
    for data in (flights(), of_small("classification"), of_small("regression")):
        body = {"rows": [dict(request_of(data).example)]}
        assert len(RowReader(request_of(data), serving()).read(json.dumps(body).encode())) == 1


def test_columns_may_be_called_what_conf_allows() -> None:
    body = {"rows": [dict(request_of(hostile()).example) | {hostile().key: "r1"}]}
    assert len(RowReader(request_of(hostile()), serving()).read(json.dumps(body).encode())) == 1
