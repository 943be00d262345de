"""Read rows of JSON, one object each: fast if they are valid, explained value by value if not.

A body that the typed decoder accepts, and that cannot repeat a key, is accepted as it is. Any other
goes through the strict reader of explain.py, which says what is wrong, or finds that all is valid.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import astuple

from mooring.bento.request import RequestSchema
from mooring.config.serving import Serving
from mooring.serving.problems import Problem
from mooring.serving.reading.explain import read_rows
from mooring.serving.reading.parsed import ParsedColumns, Row, RowLayout
from mooring.serving.reading.rules import ColumnRules
from mooring.serving.reading.typed import UNREADABLE, column_type, key_type, plain_type, time_type
from mooring.serving.reading.vouching import (
    Novelty,
    are_timely,
    holds_texts,
    n_names,
    n_values,
)


class RowReader:
    """Reads bodies of the form {"rows": [{column: value, …}, …]}."""

    def __init__(self, schema: RequestSchema, serving: Serving) -> None:
        self.schema, self.serving, self.layout = schema, serving, RowLayout(schema)
        types = {
            name: column_type(schema.columns[name], _nullable(serving))
            for name in self.layout.names
        }
        self._envelope = _envelope(types, schema, serving)
        self._decoder = msgspec.json.Decoder(self._envelope)
        # Keys are found fastest in the order of the fields, so here they have the declared one.
        plain = {
            name: plain_type(column, _nullable(serving)) for name, column in schema.columns.items()
        }
        self._plain_decoder = msgspec.json.Decoder(_envelope(plain, schema, serving))
        names = [*plain, *self.layout.optional]
        self._order = [names.index(name) for name in (*self.layout.names, *self.layout.optional)]
        self._rules = ColumnRules(schema, serving)
        self._n_numbers, self._n_inputs = len(self.layout.numbers), len(self.layout.names)
        self._nameless = (None,) * len(self.layout.optional)
        self._novelty = Novelty(self.layout, schema, serving)

    def read(self, body: bytes) -> list[Row]:
        """Return the rows of a body. Raises Problem if it cannot be read, or breaks a rule."""
        rows = _decoded(self._decoder, body)
        if rows is not None and self._vouched(body, rows):
            return rows
        return self._read_strictly(body)

    def read_columns(self, body: bytes) -> ParsedColumns:
        """Return the rows of a body as columns, which is faster for many rows.

        Raises Problem as `read` does.
        """
        rows = _decoded(self._plain_decoder, body)
        if rows is not None:
            lists = list(zip(*rows, strict=True))
            columns = self.layout.columns_of_lists([lists[at] for at in self._order], len(rows))
            n_keys = 1 + columns.n_rows * self._n_inputs + n_names(columns)
            if (
                holds_texts(body, n_keys + n_values(columns) + n_names(columns))
                and are_timely(columns.times)
                and self._rules.are_kept(columns)
            ):
                return columns
        return self.layout.columns_of(self._read_strictly(body))

    def _read_strictly(self, body: bytes) -> list[Row]:
        content = read_rows(body, self.schema, self.serving)
        try:
            return [astuple(row) for row in msgspec.convert(content, self._envelope).rows]
        except msgspec.ValidationError as error:
            raise Problem(422, str(error)) from error

    def _vouched(self, body: bytes, rows: Sequence[Row]) -> bool:
        """Return whether no key is repeated, no time is absurd and no category is refused."""
        k, n = self._n_numbers, self._n_inputs
        n_texts, times = 1 + len(rows) * (n + (n - k)), []
        if b"null" in body:
            n_texts -= sum(row[k:n].count(None) for row in rows)
        for row in rows:
            names = row[n:]
            if names != self._nameless:
                n_texts += 2 * (len(names) - names.count(None))
                times.append(row[-1] if self.layout.time else None)
        if not (holds_texts(body, n_texts) and are_timely(times)):
            return False
        return not (self._novelty.refuses and any(map(self._novelty.is_in_row, rows)))


def _decoded(decoder: Any, body: bytes) -> list[Row] | None:
    """Return the fields of each row, None if the decoder refuses the body."""
    try:
        return [astuple(row) for row in decoder.decode(body).rows]
    except UNREADABLE:
        return None


def _nullable(serving: Serving) -> bool:
    return serving.missing == "score"


def _envelope(types: Mapping[str, Any], schema: RequestSchema, serving: Serving) -> Any:
    """Return the type of a body whose rows hold columns of these types, in their order."""
    fields: list[Any] = [(f"c{position}", of) for position, of in enumerate(types.values())]
    names = {f"c{position}": name for position, name in enumerate(types)}
    time = schema.time.column if schema.time else None
    # A key or a time that is not given is None; one that is given as null is refused.
    for field, name, of in (("key", schema.key, key_type()), ("time", time, time_type())):
        if name is not None:
            fields.append((field, of, None))
            names[field] = name
    row = msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, gc=False)
    rows = Annotated[list[row], Meta(min_length=1, max_length=serving.limits.rows)]  # type: ignore[valid-type]
    return msgspec.defstruct("Envelope", [("rows", rows)], forbid_unknown_fields=True)
