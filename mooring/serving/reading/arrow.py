"""Apache Arrow in and out: one IPC stream of the input columns, answered by one of the scores.

Arrow's reader is native code that trusts what it inflates, so before it reads anything the messages are
looked at: how many rows they say they hold, and that no buffer is compressed.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mooring.bento.request import MAX_KEY_LENGTH, RequestSchema
from mooring.config.data import CategoryColumn, NumberColumn
from mooring.config.serving import Serving
from mooring.days import YEARS
from mooring.serving.problems import Problem, Violation
from mooring.serving.reading.explain import broken_rule, refuse, shown
from mooring.serving.reading.table import Layout, Table

MEDIA_TYPE = b"application/vnd.apache.arrow.stream"
HEADER, COMPRESSION, LENGTH, DATA = 2, 3, 0, 1
"""Positions in the tables Message, RecordBatch, RecordBatch and DictionaryBatch of Arrow's format."""


class ArrowReader:
    """Reads one Arrow IPC stream."""

    def __init__(self, schema: RequestSchema, serving: Serving) -> None:
        self.schema, self.serving, self.layout = schema, serving, Layout(schema)

    def read(self, body: bytes) -> Table:
        """Return the rows of a stream. Raises Problem where it cannot be read, or breaks a rule."""
        try:
            _check_messages(body, self.serving.limits.rows)
            with pa.ipc.open_stream(body) as reader:
                _check_types(reader.schema)
                table = reader.read_all()
            table.validate(full=True)
        except (pa.ArrowException, struct.error, OSError, ValueError) as error:
            text = str(error).splitlines()[0][:200]
            raise Problem(400, f"the body is no Arrow stream that can be read: {text}") from error
        if not 1 <= table.num_rows <= self.serving.limits.rows:
            limit = self.serving.limits.rows
            raise Problem(422, f"1 to {limit} rows in a request, got {table.num_rows}")
        self._check_names(table.column_names)
        return self._table(table)

    def _check_names(self, names: list[str]) -> None:
        known = {*self.layout.names, *self.layout.optional}
        wrong = [
            Violation(None, n[:60], "no such column", "a column") for n in names if n not in known
        ]
        wrong += [
            Violation(None, name, "required; a missing value is null", "nothing")
            for name in self.layout.names
            if name not in names
        ]
        wrong += [
            Violation(None, name, "once", "twice")
            for name in sorted(known)
            if names.count(name) > 1
        ]
        refuse(iter(wrong))

    def _table(self, table: pa.Table) -> Table:
        lists: list[Any] = [self._numbers(table, name) for name in self.layout.numbers]
        longest = {n: self.schema.columns[n].max_length for n in self.layout.categories}  # type: ignore[union-attr]
        lists += [_texts(table, name, longest[name]) for name in self.layout.categories]
        refuse(self._violations(lists))
        keys = [None] * table.num_rows
        if self.layout.key in table.column_names:
            keys = _texts(table, self.layout.key, MAX_KEY_LENGTH)
        lists.append(keys)
        if self.layout.time and self.layout.time in table.column_names:
            lists.append(_times(table, self.layout.time))
        return self.layout.of_lists(lists, table.num_rows)

    def _numbers(self, table: pa.Table, name: str) -> Any:
        column = table.column(name)
        if not (_is_number(column.type) or pa.types.is_null(column.type)):
            refuse(iter([Violation(None, name, "a number", str(column.type))]))
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return values.astype(np.float64, copy=False)

    def _violations(self, lists: list[Any]) -> Iterator[Violation]:
        """Find what breaks a rule, column by column: first whether any does, then which."""
        for name, values in zip(self.layout.names, lists, strict=True):
            column = self.schema.columns[name]
            seen = self.schema.seen.get(name)
            if isinstance(column, NumberColumn):
                doubtful = _doubtful(values, column, self.serving)
                values = [None if np.isnan(v) else float(v) for v in values] if doubtful else ()
            elif self._keeps(set(values), column, seen):
                continue
            for number, value in enumerate(values):
                rule = broken_rule(value, column, self.serving, seen)
                if rule:
                    yield Violation(number, name, rule, shown(value))

    def _keeps(self, values: set[Any], column: CategoryColumn, seen: Any) -> bool:
        return not any(broken_rule(value, column, self.serving, seen) for value in values)


def _doubtful(values: Any, column: NumberColumn, serving: Serving) -> bool:
    missing = np.isnan(values)
    if serving.missing == "refuse" and missing.any():
        return True
    present = values[~missing]
    low = -np.finfo(np.float64).max if column.min is None else column.min
    high = np.finfo(np.float64).max if column.max is None else column.max
    return bool(present.size) and not bool(present.min() >= low and present.max() <= high)


def _is_number(of: Any) -> bool:
    return bool(pa.types.is_integer(of) or pa.types.is_floating(of))


def _is_text(of: Any) -> bool:
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of))


def _is_dictionary(of: Any) -> bool:
    return bool(pa.types.is_dictionary(of) and _is_text(of.value_type))


def _check_types(schema: pa.Schema) -> None:
    for field in schema:
        of = field.type
        if not (
            _is_number(of) or _is_text(of) or _is_dictionary(of)
            or pa.types.is_null(of) or pa.types.is_timestamp(of)
        ):  # fmt: skip
            detail = f"column {field.name[:60]} is {of}, not a number, a text, a time or null"
            raise Problem(422, detail)


def _texts(table: pa.Table, name: str, longest: int) -> list[Any]:
    column = table.column(name)
    if pa.types.is_null(column.type):
        return [None] * table.num_rows
    if not (_is_text(column.type) or _is_dictionary(column.type)):
        refuse(iter([Violation(None, name, "a text", str(column.type))]))
    found: list[Any] = []
    for chunk in column.chunks:
        # A dictionary's one long text could stand in every row.
        encoded = chunk if _is_dictionary(column.type) else chunk.dictionary_encode()
        widest = pc.max(pc.utf8_length(encoded.dictionary)).as_py() or 0
        if widest > longest:
            refuse(iter([Violation(None, name, f"of 1 to {longest} characters", "a longer text")]))
        if len(encoded.dictionary) > len(encoded):  # what no row has is not looked at
            encoded = encoded.dictionary_decode().dictionary_encode()
        found += _spread(encoded)
    return found


def _spread(encoded: pa.DictionaryArray) -> list[str | None]:
    """Return the texts of a dictionary array: one object for each different one, which is hashed once."""
    different = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    indices = encoded.indices.cast(pa.int64()).fill_null(len(different) - 1)
    texts: list[str | None] = different[indices.to_numpy()].tolist()
    return texts


def _times(table: pa.Table, name: str) -> list[Any]:
    column = table.column(name)
    if not pa.types.is_timestamp(column.type) or column.type.tz is None or column.null_count:
        refuse(iter([Violation(None, name, "timestamps with a time zone", str(column.type))]))
    least, greatest = pc.min_max(column.cast(pa.int64())).values()
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (YEARS[0], YEARS[-1]))
    if not (first <= least.as_py() / per_second and greatest.as_py() / per_second < last):
        refuse(iter([Violation(None, name, f"times of {YEARS[0]} to {YEARS[-1]}", "another")]))
    times: list[Any] = column.cast(pa.timestamp("us", "UTC"), safe=False).to_pylist()
    return times


def _check_messages(body: bytes, limit: int) -> None:
    """Refuse a stream of more rows than `limit`, or with a compressed buffer.

    Raises Problem, and what Arrow or struct raise for a body that is no stream.
    """
    n_rows, reader = 0, pa.ipc.MessageReader.open_stream(body)
    for message in _messages(reader):
        kind = message.type
        if kind == "schema":
            continue
        if kind not in ("record batch", "dictionary"):
            raise Problem(400, f"an Arrow stream of columns, not a {kind}")
        metadata = message.metadata.to_pybytes()
        batch = _child(metadata, _root(metadata), HEADER)
        if kind == "dictionary":
            batch = _child(metadata, batch, DATA)
        else:
            at = _field(metadata, batch, LENGTH)
            n_rows += struct.unpack_from("<q", metadata, at)[0] if at else 0
        if _field(metadata, batch, COMPRESSION):
            raise Problem(415, "Arrow buffers without compression; content-encoding may be gzip")
        if not 0 <= n_rows <= limit:
            raise Problem(422, f"at most {limit} rows in a request, got {n_rows}")


def _messages(reader: Any) -> Iterator[Any]:
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _root(content: bytes) -> int:
    return int(struct.unpack_from("<I", content, 0)[0])


def _field(content: bytes, table: int, position: int) -> int:
    """Return where a flatbuffers table keeps a field, 0 if it has none."""
    vtable = table - struct.unpack_from("<i", content, table)[0]
    if vtable < 0 or 4 + 2 * position >= struct.unpack_from("<H", content, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", content, vtable + 4 + 2 * position)[0]
    return table + offset if offset else 0


def _child(content: bytes, table: int, position: int) -> int:
    at = _field(content, table, position)
    if not at:
        raise ValueError("a message without its header")
    return at + int(struct.unpack_from("<I", content, at)[0])


def encode(scores: Any, decisions: Any, models: Any, facts: dict[str, str]) -> bytes:
    """Return scores, and decisions and models where they are not None, as one Arrow stream."""
    columns = {"score": pa.array(scores, pa.float64())}
    if decisions is not None:
        columns["decision"] = pa.array(decisions, pa.bool_())
    if models is not None:
        columns["model"] = pa.array(models, pa.string())
    table = pa.table(columns).replace_schema_metadata(facts)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content
