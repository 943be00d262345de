"""Whole columns of JSON, for many rows at once: the same rules and the same answers as row by row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import astuple

from mooring.bento.request import RequestSchema
from mooring.config.serving import Serving
from mooring.serving.problems import Problem, Violation
from mooring.serving.reading.explain import parse, refuse
from mooring.serving.reading.parsed import ParsedColumns, RowLayout
from mooring.serving.reading.rules import ColumnRules, broken_name, instant, shown
from mooring.serving.reading.typed import UNREADABLE, key_type, plain_type, time_type
from mooring.serving.reading.vouching import are_timely, holds_texts, n_names, n_values

Lists = Mapping[str, Sequence[Any]]


class ColumnReader:
    """Reads bodies of the form {"columns": {column: [value, …], …}}."""

    def __init__(self, schema: RequestSchema, serving: Serving) -> None:
        self.schema, self.serving, self.layout = schema, serving, RowLayout(schema)
        self._decoder = msgspec.json.Decoder(_envelope(self.layout, schema, serving))
        self._rules = ColumnRules(schema, serving)

    def read(self, body: bytes) -> ParsedColumns:
        """Return the rows of a body. Raises Problem if it cannot be read, or breaks a rule."""
        try:
            lists = astuple(self._decoder.decode(body).columns)
        except UNREADABLE:
            pass
        else:
            columns = self._vouched(body, lists)
            if columns is not None:
                return columns
        content = parse(body)
        if not isinstance(content, dict) or set(content) != {"columns"}:
            raise Problem(422, 'the body must be an object with the one key "rows" or "columns"')
        return self.checked(content["columns"])

    def _vouched(self, body: bytes, lists: Sequence[Any]) -> ParsedColumns | None:
        """Return decoded columns, None if they may break a rule."""
        n_rows, given = len(lists[0]), [values for values in lists if values is not UNSET]
        if any(len(values) != n_rows for values in given):
            return None
        whole = [[None] * n_rows if values is UNSET else values for values in lists]
        columns = self.layout.columns_of_lists(whole, n_rows)
        n_texts = 1 + len(given) + n_values(columns) + n_names(columns)
        if (
            holds_texts(body, n_texts)
            and are_timely(columns.times)
            and self._rules.are_kept(columns)
        ):
            return columns
        return None

    def checked(self, lists: Any) -> ParsedColumns:
        """Return plain lists, numbers as floats and times as texts, as rows that keep every rule.

        Raises Problem 422.
        """
        n_rows = self._checked_length(lists)
        refuse(self._violations(lists))
        given = [lists[name] for name in self.layout.names]
        given.append(lists.get(self.layout.key) or [None] * n_rows)
        if self.layout.time in lists:
            given.append(list(map(instant, lists[self.layout.time])))
        return self.layout.columns_of_lists(given, n_rows)

    def _checked_length(self, lists: Any) -> int:
        if not isinstance(lists, dict) or not lists:
            raise Problem(422, "columns must be an object of lists, one for each column")
        lengths = set()
        for name, values in lists.items():
            if not isinstance(values, list):
                raise Problem(422, f"column {shown(name)} must be a list")
            lengths.add(len(values))
        limit = self.serving.limits.rows
        if len(lengths) != 1 or not 1 <= min(lengths) <= limit:
            got = ", ".join(map(str, sorted(lengths)[:5]))
            raise Problem(422, f"columns must be of one length, 1 to {limit} rows; got {got}")
        return int(lengths.pop())

    def _violations(self, lists: Lists) -> Iterator[Violation]:
        for name in lists:
            if name not in self.layout.kinds and name not in self.layout.optional:
                yield Violation(None, name[:60], "no such column", "a list")
        for name in self.schema.columns:
            if name not in lists:
                yield Violation(None, name, "required; a missing value is null", "nothing")
                continue
            for number, value in enumerate(lists[name]):
                rule = self._rules.broken(name, value)
                if rule:
                    yield Violation(number, name, rule, shown(value))
        for name in self.layout.optional:
            for number, value in enumerate(lists.get(name, ())):
                rule = broken_name(value, name, self.schema)
                if rule:
                    yield Violation(number, name, rule, shown(value))


def _envelope(layout: RowLayout, schema: RequestSchema, serving: Serving) -> Any:
    length = Meta(min_length=1, max_length=serving.limits.rows)
    nullable = serving.missing == "score"
    fields: list[Any] = [
        (f"c{position}", Annotated[list[plain_type(schema.columns[name], nullable)], length])  # type: ignore[misc]
        for position, name in enumerate(layout.names)
    ]
    names = {f"c{position}": name for position, name in enumerate(layout.names)}
    for field, name, of in (("key", layout.key, key_type()), ("time", layout.time, time_type())):
        if name is not None:
            values: Any = Annotated[list[of], length]  # type: ignore[valid-type]
            fields.append((field, values | UnsetType, UNSET))
            names[field] = name
    columns = msgspec.defstruct("Columns", fields, rename=names, forbid_unknown_fields=True)
    return msgspec.defstruct("Envelope", [("columns", columns)], forbid_unknown_fields=True)
