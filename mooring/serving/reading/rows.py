"""Rows of JSON, one object each: fast where all is well, explained value by value where not.

A body that the typed decoder takes, and that cannot hold a key twice, is accepted as it is. Any other
goes through the strict reader of explain.py, which says what is wrong, or finds that all is well.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import astuple

from mooring.bento.request import RequestSchema
from mooring.config.serving import Serving
from mooring.days import YEARS
from mooring.serving.problems import Problem
from mooring.serving.reading.explain import read_rows
from mooring.serving.reading.table import Layout, Row
from mooring.serving.reading.typed import UNREADABLE, column_type, key_type, time_type

QUOTE, ESCAPE = b'"', b"\\"
LONG = 4096
"""From here on numpy counts faster than bytes.count, which is made for long needles."""


class RowReader:
    """Reads bodies of the form {"rows": [{column: value, …}, …]}."""

    def __init__(self, schema: RequestSchema, serving: Serving) -> None:
        self.schema, self.serving, self.layout = schema, serving, Layout(schema)
        self._envelope = _envelope(self.layout, schema, serving)
        self._decoder = msgspec.json.Decoder(self._envelope)
        self._n_numbers, self._n_inputs = len(self.layout.numbers), len(self.layout.names)
        self._novel = _novelty(self.layout, schema) if serving.unseen == "refuse" else None

    def read(self, body: bytes) -> list[Row]:
        """Return the rows of a body. Raises Problem where it cannot be read, or breaks a rule."""
        try:
            rows = [astuple(row) for row in self._decoder.decode(body).rows]
        except UNREADABLE:
            pass
        else:
            if self._vouched(body, rows):
                return rows
        content = read_rows(body, self.schema, self.serving)
        try:
            return [astuple(row) for row in msgspec.convert(content, self._envelope).rows]
        except msgspec.ValidationError as error:
            raise Problem(422, str(error)) from error

    def _vouched(self, body: bytes, rows: Sequence[Row]) -> bool:
        """Return whether no key comes twice, no time is absurd and no category is too new."""
        if ESCAPE in body or n_quotes(body) != 2 * self._texts(rows, b"null" in body):
            return False
        if self._novel is not None and any(map(self._novel, rows)):
            return False
        return self._timely(rows)

    def _texts(self, rows: Sequence[Row], any_null: bool) -> int:
        """Return how many texts a body of these rows holds if no key comes twice."""
        k, n = self._n_numbers, self._n_inputs
        texts = 1 + len(rows) * (n + (n - k))
        for row in rows:
            if any_null:
                texts -= row[k:n].count(None)
            texts += 2 * (len(row) - n - row[n:].count(None))
        return texts

    def _timely(self, rows: Sequence[Row]) -> bool:
        times = (row[-1] for row in rows) if self.layout.time else ()
        return all(at is None or at.year in YEARS for at in times)


def n_quotes(body: bytes) -> int:
    """Return how many quotes a body holds."""
    if len(body) < LONG:
        return body.count(QUOTE)
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == QUOTE[0]))


def _novelty(layout: Layout, schema: RequestSchema) -> Callable[[Row], bool]:
    seen = [
        (layout.names.index(name), frozenset({*values, None}))
        for name, values in schema.closed_seen.items()
    ]

    def novel(row: Row) -> bool:
        return any(row[position] not in known for position, known in seen)

    return novel


def _envelope(layout: Layout, schema: RequestSchema, serving: Serving) -> Any:
    nullable = serving.missing == "score"
    types: list[Any] = [column_type(schema.columns[name], nullable) for name in layout.names]
    fields: list[Any] = [(f"c{position}", of) for position, of in enumerate(types)]
    names = {f"c{position}": name for position, name in enumerate(layout.names)}
    # A key or a time that is not given is None; one that is given as null is refused.
    for field, name, of in (("key", layout.key, key_type()), ("time", layout.time, time_type())):
        if name is not None:
            fields.append((field, of, None))
            names[field] = name
    row = msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, gc=False)
    rows = Annotated[list[row], Meta(min_length=1, max_length=serving.limits.rows)]  # type: ignore[valid-type]
    return msgspec.defstruct("Envelope", [("rows", rows)], forbid_unknown_fields=True)
