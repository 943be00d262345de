"""The forms of a request: rows, columns, Arrow and inference tensors mean the same, or are refused."""

import io
import json
import struct
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.config.serving import Limits
from mooring.serving.http.inference import InferenceRequest
from mooring.serving.problems import Problem
from mooring.serving.reading.arrow import ArrowReader
from mooring.serving.reading.columns import ColumnReader
from mooring.serving.reading.parsed import ParsedColumns
from mooring.serving.reading.rows import RowReader
from tests.serving.reading.test_rows import ROW, rows, schema, serving

SCHEMA, SERVING = schema(), serving()
ROWS, COLUMNS, ARROW = (of(SCHEMA, SERVING) for of in (RowReader, ColumnReader, ArrowReader))
NAMES = ("x", "y", "z", "city", "word")


ONE_KEY = 'the body must be an object with the one key "rows" or "columns"'


def columns_of(content: list[dict[str, Any]], names: Any = NAMES) -> dict[str, list[Any]]:
    return {name: [row[name] for row in content] for name in names}


def stream(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue()


def arrow(content: dict[str, list[Any]]) -> pa.Table:
    types = dict.fromkeys(("x", "y", "z"), pa.float64()) | dict.fromkeys(
        ("city", "word", "id"), pa.string()
    )
    return pa.table({name: pa.array(values, types[name]) for name, values in content.items()})


def tensors(content: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "shape": [len(values)],
            "datatype": "FP64" if name in ("x", "y", "z") else "BYTES",
            "data": values,
        }
        for name, values in content.items()
    ]


def texts_of(columns: ParsedColumns) -> list[list[str]]:
    return [list(column.texts()) for column in columns.categories]


def assert_equal(found: ParsedColumns, expected: ParsedColumns) -> None:
    np.testing.assert_array_equal(found.numbers, expected.numbers)
    assert texts_of(found) == texts_of(expected)
    assert list(found.keys) == list(expected.keys)
    assert list(found.times) == list(expected.times)


@given(st.lists(rows, min_size=1, max_size=6), st.booleans(), st.booleans())
def test_every_form_of_the_same_rows_is_read_as_the_same(
    content: Any, ascii: bool, named: bool
) -> None:
    for number, row in enumerate(content):
        row.pop("asked", None)
        row.pop("id", None)
        row["z"] = None if row["z"] is None else float(row["z"])
        if named:
            row["id"] = f"r{number}"
    names = (*NAMES, "id") if named else NAMES
    lists = columns_of(content, names)
    body = json.dumps({"rows": content}, ensure_ascii=ascii).encode()
    expected = ROWS.layout.columns_of(ROWS.read(body))
    assert_equal(ROWS.read_columns(body), expected)
    assert_equal(
        COLUMNS.read(json.dumps({"columns": lists}, ensure_ascii=ascii).encode()), expected
    )
    assert_equal(COLUMNS.checked(json.loads(json.dumps(lists), parse_int=float)), expected)
    table = arrow(lists)
    assert_equal(ARROW.read(stream(table)), expected)
    encoded = {name: table[name].dictionary_encode() for name in ("city", "word")}
    as_dictionary = pa.table({name: encoded.get(name, table[name]) for name in table.column_names})
    assert_equal(ARROW.read(stream(as_dictionary)), expected)
    asked = InferenceRequest(json.dumps({"id": "7", "inputs": tensors(lists)}).encode(), COLUMNS)
    assert_equal(asked.rows, expected)
    assert asked.id == "7"


def test_times_mean_the_same_instant_in_every_form() -> None:
    at = "2026-01-31T08:00:00.25+05:30"
    rows_body = json.dumps({"rows": [ROW | {"asked": at}]}).encode()
    expected = ROWS.read_columns(rows_body)
    lists = columns_of([ROW]) | {"asked": [at]}
    found = COLUMNS.read(json.dumps({"columns": lists}).encode())
    table = arrow(columns_of([ROW]))
    stamp = pa.array(
        np.array(["2026-01-31T02:30:00.25"], "datetime64[us]"), pa.timestamp("us", "UTC")
    )
    streamed = ARROW.read(stream(table.append_column("asked", stamp)))
    assert [list(t.times) for t in (found, streamed)] == [list(expected.times)] * 2


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([])


@given(st.sampled_from([*ROW, "id", "asked", "other"]), values)
def test_columns_take_exactly_the_values_that_rows_take(name: str, value: Any) -> None:
    row = ROW | {name: value}
    lists = columns_of([row], row)

    def outcome(read: Any, body: Any) -> Any:
        try:
            read(json.dumps(body).encode())
        except Problem as problem:
            return problem.status, [error.column for error in problem.errors]
        return 200, []

    expected = outcome(ROWS.read, {"rows": [row]})
    assert outcome(COLUMNS.read, {"columns": lists}) == expected
    if expected[0] == 422:
        inputs = tensors(columns_of([row], row))
        found = outcome(lambda body: InferenceRequest(body, COLUMNS), {"inputs": inputs})
        assert found[0] in (422, 400)


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ({"columns": {}}, "columns must be an object of lists, one for each column"),
        ({"columns": []}, "columns must be an object of lists, one for each column"),
        ({"columns": {"x": 1}}, 'column "x" must be a list'),
        ({"columns": {"x": [1, 2], "y": [1]}}, "columns must be of one length, 1 to 10000 rows; got 1, 2"),
        ({"columns": {"x": []}}, "columns must be of one length, 1 to 10000 rows; got 0"),
        ({"columns": {"x": [1]}, "rows": []}, ONE_KEY),
    ],
)  # fmt: skip
def test_columns_of_another_shape_are_refused(content: Any, detail: str) -> None:
    with pytest.raises(Problem) as caught:
        COLUMNS.read(json.dumps(content).encode())
    assert (caught.value.status, caught.value.detail) == (422, detail)


def test_columns_of_unequal_length_are_refused_though_each_keeps_its_rules() -> None:
    lists = columns_of([ROW, ROW]) | {"word": ["a"]}
    with pytest.raises(Problem, match="of one length"):
        COLUMNS.read(json.dumps({"columns": lists}).encode())


def test_a_column_that_comes_twice_is_refused() -> None:
    body = json.dumps({"columns": columns_of([ROW])})[:-2] + ', "x": [2]}}'
    with pytest.raises(Problem, match='the key "x" is repeated'):
        COLUMNS.read(body.encode())


def test_each_wrong_value_of_a_column_is_named() -> None:
    lists = columns_of([ROW] * 3) | {"x": [1.0, -9.0, 1.0], "city": ["Rye", "Rye", "Oz"]}
    with pytest.raises(Problem) as caught:
        COLUMNS.read(json.dumps({"columns": lists}).encode())
    expected = [(1, "x", "at least -5 m"), (2, "city", 'one of Rye, Troy, a"b')]
    assert sorted((e.row or 0, e.column, e.rule) for e in caught.value.errors) == expected
    with pytest.raises(Problem) as caught:
        ARROW.read(stream(arrow(lists)))
    assert sorted((e.row or 0, e.column, e.rule) for e in caught.value.errors) == expected


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_a_compressed_arrow_buffer_is_refused_before_it_is_inflated(codec: str) -> None:
    table = arrow(columns_of([ROW] * 1000))
    with pytest.raises(Problem) as caught:
        ARROW.read(stream(table, compression=codec))
    assert caught.value.status == 415


def test_more_arrow_rows_than_allowed_are_refused_before_they_are_read() -> None:
    reader = ArrowReader(SCHEMA, serving(limits=Limits(body_bytes=2048, rows=2, body_timeout_s=1)))
    with pytest.raises(Problem, match="at most 2 rows in a request, got 3"):
        reader.read(stream(arrow(columns_of([ROW] * 3))))
    assert reader.read(stream(arrow(columns_of([ROW] * 2)))).n_rows == 2


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"x": pa.array(["1"])}, "a number"),
        ({"x": pa.array([np.inf])}, "a number within the range of a double"),
        ({"word": pa.array([1])}, "a text"),
        ({"word": pa.array(["a" * 101])}, "of 1 to 100 characters"),
        ({"word": pa.array(["a" * 101]).dictionary_encode()}, "of 1 to 100 characters"),
        ({"asked": pa.array([1], pa.timestamp("s"))}, "timestamps with a time zone"),
        ({"asked": pa.array([2**62], pa.timestamp("s", "UTC"))}, "times of 1971 to 2199"),
        (
            {"asked": pa.array([1, None], pa.timestamp("s", "UTC"))[1:]},
            "timestamps with a time zone",
        ),
        ({"id": pa.array([""])}, "of 1 to 200 characters"),
        ({"other": pa.array([1])}, "no such column"),
    ],
)
def test_an_arrow_column_of_another_kind_is_named(change: dict[str, Any], rule: str) -> None:
    table = arrow(columns_of([ROW]))
    content = {name: table[name] for name in table.column_names} | change
    with pytest.raises(Problem) as caught:
        ARROW.read(stream(pa.table(content)))
    assert [(e.column, e.rule) for e in caught.value.errors] == [(next(iter(change)), rule)]


def test_arrow_nan_and_null_are_missing_and_whole_numbers_are_numbers() -> None:
    table = arrow(columns_of([ROW, ROW]))
    content = {name: table[name] for name in table.column_names} | {
        "y": pa.array([np.nan, None]),
        "z": pa.array([1, 2], pa.int16()),
        "word": pa.nulls(2),
    }
    found = ARROW.read(stream(pa.table(content)))
    assert np.isnan(found.numbers[1]).all()
    assert found.numbers[2].tolist() == [1, 2]
    assert texts_of(found)[1] == ["", ""]


def test_a_dictionary_may_hold_more_than_the_rows() -> None:
    table = arrow(columns_of([ROW, ROW]))
    words = pa.array([f"w{number}" for number in range(50)])
    word = pa.DictionaryArray.from_arrays(pa.array([49, None], pa.int8()), words)
    found = ARROW.read(stream(table.set_column(table.schema.get_field_index("word"), "word", word)))
    assert texts_of(found)[1] == ["w49", ""]


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_spoilt_arrow_stream_is_a_problem_or_keeps_every_rule(at: int, change: bytes) -> None:
    content = bytearray(STREAM)
    at %= len(content)
    content[at : at + len(change)] = change
    try:
        found = ARROW.read(bytes(content))
    except Problem as problem:
        assert problem.status in (400, 415, 422)
    else:
        assert 1 <= found.n_rows <= 10_000


STREAM = stream(arrow(columns_of([ROW] * 5)))


@given(st.integers(0, len(STREAM)))
def test_a_cut_arrow_stream_is_a_problem_or_whole_batches(end: int) -> None:
    try:
        ARROW.read(STREAM[:end])
    except Problem as problem:
        assert problem.status in (400, 422)


def test_a_nested_or_binary_arrow_type_is_refused() -> None:
    for column in (pa.array([[1]]), pa.array([b"a"]), pa.array([{"a": 1}]), pa.array([True])):
        with pytest.raises(Problem) as caught:
            ARROW.read(stream(pa.table({"x": column})))
        assert caught.value.status == 422
        assert caught.value.detail.endswith("not a number, a text, a time or null")


def test_a_message_that_lies_about_its_length_is_a_problem() -> None:
    lie = STREAM[:4] + struct.pack("<i", 2**31 - 1) + STREAM[8:]
    with pytest.raises(Problem) as caught:
        ARROW.read(lie)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"extra": 1}, "no keys except id, inputs, outputs, parameters"),
        ({"id": 5}, "id must be a text"),
        ({"inputs": []}, "at least one tensor"),
        ({"outputs": [{"name": "other"}]}, "named score or decision"),
        ({"outputs": "score"}, "named score or decision"),
    ],
)
def test_an_inference_request_of_another_shape_is_refused(change: Any, detail: str) -> None:
    body = {"inputs": tensors(columns_of([ROW]))} | change
    with pytest.raises(Problem) as caught:
        InferenceRequest(json.dumps(body).encode(), COLUMNS)
    assert caught.value.status == 422
    assert detail in caught.value.detail


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"name": 5}, "an input must have a name"),
        ({"datatype": "BOOL"}, 'the datatype of "x" must be BYTES or one of FP16'),
        ({"shape": [2]}, 'the shape of "x" must be [1] or [1, 1]'),
        ({"shape": [1.5]}, 'the shape of "x" must be [1] or [1, 1]'),
        ({"data": 1.5}, 'the data of "x" must be a list'),
        ({"name": "y"}, 'the input "y" is repeated'),
        ({"more": 1}, "an input must be an object with no keys except"),
    ],
)
def test_a_tensor_of_another_shape_is_refused(change: Any, detail: str) -> None:
    first, *others = tensors(columns_of([ROW]))
    with pytest.raises(Problem) as caught:
        InferenceRequest(json.dumps({"inputs": [first | change, *others]}).encode(), COLUMNS)
    assert caught.value.status == 422
    assert detail in caught.value.detail


def test_a_tensor_may_be_a_column_of_one_element_rows() -> None:
    first, *others = tensors(columns_of([ROW, ROW]))
    first |= {"shape": [2, 1], "data": [[value] for value in first["data"]]}
    found = InferenceRequest(json.dumps({"inputs": [first, *others]}).encode(), COLUMNS)
    assert found.rows.numbers[0].tolist() == [1.5, 1.5]
    assert found.outputs == ("score", "decision")
