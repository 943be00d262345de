"""Read Apache Arrow: one IPC stream of the input columns, whose texts stay in dictionaries."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mooring.bento.request import RequestSchema
from mooring.config.serving import Serving
from mooring.days import YEARS
from mooring.features.texts import DictionaryColumn
from mooring.serving.problems import Problem, Violation
from mooring.serving.reading.arrow_messages import check_messages
from mooring.serving.reading.arrow_schema import TIMES, check_schema, is_dictionary
from mooring.serving.reading.explain import refuse
from mooring.serving.reading.parsed import ParsedColumns, RowLayout
from mooring.serving.reading.rules import ColumnRules, Texts, broken_name, shown

FLOAT64 = pa.float64()


class ArrowReader:
    """Reads one Arrow IPC stream."""

    def __init__(self, schema: RequestSchema, serving: Serving) -> None:
        self.schema, self.serving, self.layout = schema, serving, RowLayout(schema)
        self._rules = ColumnRules(schema, serving)
        self._accepted: pa.Schema | None = None
        """The last valid schema: most streams have that of the one before."""

    def read(self, body: bytes) -> ParsedColumns:
        """Return the rows of a stream. Raises Problem if it cannot be read, or breaks a rule."""
        try:
            check_messages(body, self.serving.limits.rows)
            with pa.ipc.open_stream(body) as reader:
                if reader.schema != self._accepted:
                    check_schema(reader.schema, self.layout)
                    self._accepted = reader.schema
                batches = [batch for batch in reader if batch.num_rows]
                n_rows = sum(batch.num_rows for batch in batches)
                if not 1 <= n_rows <= self.serving.limits.rows:
                    limit = self.serving.limits.rows
                    raise Problem(422, f"1 to {limit} rows in a request, got {n_rows}")
            batch = batches[0] if len(batches) == 1 else _combined(batches)
            batch.validate(full=True)
        except (pa.ArrowException, struct.error, OSError, ValueError) as error:
            text = str(error).splitlines()[0][:200]
            raise Problem(400, f"the body is not a readable Arrow stream: {text}") from error
        return self._columns(dict(zip(batch.schema.names, batch.columns, strict=True)), n_rows)

    def _columns(self, arrays: Mapping[str, pa.Array], n_rows: int) -> ParsedColumns:
        layout = self.layout
        numbers = np.empty((len(layout.numbers), n_rows))
        for position, name in enumerate(layout.numbers):
            numbers[position] = _numbers(arrays[name])
        texts = [_texts(arrays[name]) for name in layout.categories]
        refuse(chain(self._rules.broken_numbers(numbers), self._rules.broken_texts(texts)))
        keys: Sequence[str | None] = [None] * n_rows
        times: Sequence[datetime | None] = [None] * n_rows
        if layout.key in arrays:
            keys = self._keys(arrays[layout.key])
        if layout.time is not None and layout.time in arrays:
            times = _times(arrays[layout.time], layout.time)
        categories = [
            DictionaryColumn([text or "" for text in column.different], column.indices)
            for column in texts
        ]
        return ParsedColumns(numbers, categories, keys, times)

    def _keys(self, array: pa.Array) -> list[str | None]:
        name = self.layout.key
        keys = _texts(array).of_rows()
        given = [(row, key) for row, key in enumerate(keys) if key is not None]
        rules = ((row, key, broken_name(key, name, self.schema)) for row, key in given)
        refuse(Violation(row, name, rule, shown(key)) for row, key, rule in rules if rule)
        return keys


def _combined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def _numbers(array: pa.Array) -> NDArray[np.float64]:
    if array.type != FLOAT64:
        array = array.cast(FLOAT64, safe=False)
    values: NDArray[np.float64] = array.to_numpy(zero_copy_only=False)
    return values


def _texts(array: pa.Array) -> Texts:
    if pa.types.is_null(array.type):
        return Texts([None], np.zeros(len(array), np.intp))
    encoded = array if is_dictionary(array.type) else array.dictionary_encode()
    if len(encoded.dictionary) > len(encoded):  # ignore texts that no row has
        encoded = encoded.dictionary_decode().dictionary_encode()
    different, indices = encoded.dictionary.to_pylist(), encoded.indices
    if indices.null_count:
        indices = indices.cast(pa.int64()).fill_null(len(different))
        different.append(None)
    return Texts(different, np.asarray(indices.to_numpy(), np.intp))


def _times(array: pa.Array, name: str) -> list[datetime | None]:
    if array.null_count:
        refuse(iter([Violation(None, name, TIMES, "null")]))
    least, greatest = pc.min_max(array.cast(pa.int64())).values()
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[array.type.unit]
    first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (YEARS[0], YEARS[-1]))
    if not (first <= least.as_py() / per_second and greatest.as_py() / per_second < last):
        refuse(iter([Violation(None, name, f"times of {YEARS[0]} to {YEARS[-1]}", "another")]))
    times: list[datetime | None] = array.cast(pa.timestamp("us", "UTC"), safe=False).to_pylist()
    return times
