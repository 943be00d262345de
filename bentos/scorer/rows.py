"""Rows of JSON, made into columns: fast where all is well, and explained value by value where not.

A body that the typed decoder takes, and that cannot hold a key twice, is accepted as it is. Any other
goes through the strict reader of explain.py, which says what is wrong, or finds that all is well.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType
from numpy.typing import NDArray

from bentos.scorer.explain import read_strictly
from bentos.scorer.problems import Problem
from mooring.config.data import CategoryColumn, Column, NumberColumn
from mooring.config.serving import Serving
from mooring.models.request import MAX_KEY_LENGTH, RequestSchema

QUOTE, ESCAPE = b'"', b"\\"


class RowReader:
    """Reads bodies of the form {"rows": [{column: value, …}, …]}."""

    def __init__(self, schema: RequestSchema, serving: Serving) -> None:
        self.schema, self.serving = schema, serving
        self.numbers = [n for n, c in schema.columns.items() if isinstance(c, NumberColumn)]
        self.categories = [n for n, c in schema.columns.items() if isinstance(c, CategoryColumn)]
        self._envelope = _envelope(schema, serving)
        self._decoder = msgspec.json.Decoder(self._envelope)
        self._numbers_of = _getter(self.numbers)
        self._categories_of = _getter(self.categories)
        self._novel = self._novelty() if serving.unseen == "refuse" else None
        self._optional = [schema.key, *([schema.time.column] if schema.time else [])]

    def read(self, body: bytes) -> list[Any]:
        """Return the rows of a body. Raises Problem where it cannot be read, or breaks a rule."""
        try:
            rows: list[Any] = self._decoder.decode(body).rows
        except (msgspec.MsgspecError, RecursionError):
            pass
        else:
            if self._vouched(body, rows):
                return rows
        content = read_strictly(body, self.schema, self.serving)
        try:
            strict: list[Any] = msgspec.convert(content, self._envelope).rows
        except msgspec.ValidationError as error:
            raise Problem(422, str(error)) from error
        return strict

    def columns(self, rows: Sequence[Any]) -> dict[str, NDArray[Any]]:
        """Return the input columns of rows, (n,) each: float64 with NaN, or text with ''."""
        found: dict[str, NDArray[Any]] = {}
        if self.numbers:
            matrix = np.array([self._numbers_of(row) for row in rows], dtype=np.float64)
            found = dict(zip(self.numbers, matrix.T.copy(), strict=True))
        if self.categories:
            texts = [["" if v is None else v for v in self._categories_of(row)] for row in rows]
            found |= zip(self.categories, np.array(texts, dtype=object).T.copy(), strict=True)
        return found

    def _vouched(self, body: bytes, rows: Sequence[Any]) -> bool:
        """Return whether no key comes twice and, where it matters, no category is unseen."""
        if ESCAPE in body or body.count(QUOTE) != 2 * self._texts(rows):
            return False
        return self._novel is None or not any(map(self._novel, rows))

    def _novelty(self) -> Callable[[Any], bool]:
        seen = [(name, frozenset({*values, None})) for name, values in self.schema.seen.items()]

        def novel(row: Any) -> bool:
            return any(getattr(row, name) not in known for name, known in seen)

        return novel

    def _texts(self, rows: Sequence[Any]) -> int:
        """Return how many texts a body of these rows holds if no key comes twice."""
        texts = 1 + len(rows) * (len(self.numbers) + 2 * len(self.categories))
        for row in rows:
            texts -= self._categories_of(row).count(None)
            for name in self._optional:
                texts += 2 * (getattr(row, name) is not UNSET)
        return texts


def _getter(names: Sequence[str]) -> Any:
    if len(names) == 1:
        return lambda row: (getattr(row, names[0]),)
    return attrgetter(*names) if names else lambda row: ()


def _envelope(schema: RequestSchema, serving: Serving) -> Any:
    nullable = serving.missing == "score"
    fields: list[Any] = [
        (name, _type(column) | None if nullable else _type(column))
        for name, column in schema.columns.items()
    ]
    key = Annotated[str, Meta(min_length=1, max_length=MAX_KEY_LENGTH)]
    fields.append((schema.key, key | UnsetType, UNSET))
    if schema.time:
        at = Annotated[datetime, Meta(tz=True)]
        fields.append((schema.time.column, at | UnsetType, UNSET))
    row = msgspec.defstruct("Row", fields, forbid_unknown_fields=True, gc=False)
    rows = Annotated[list[row], Meta(min_length=1, max_length=serving.limits.rows)]  # type: ignore[valid-type]
    return msgspec.defstruct("Envelope", [("rows", rows)], forbid_unknown_fields=True)


def _type(column: Column) -> Any:
    if isinstance(column, NumberColumn):
        return Annotated[float, Meta(ge=column.min, le=column.max)]
    if column.categories is not None:
        return Literal[column.categories]
    return Annotated[str, Meta(min_length=1, max_length=column.max_length)]
