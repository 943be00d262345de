"""The columns that an Arrow stream may have, and their types."""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from mooring.serving.problems import Problem, Violation
from mooring.serving.reading.explain import refuse
from mooring.serving.reading.parsed import RowLayout

TIMES = "timestamps with a time zone"


def check_schema(schema: pa.Schema, layout: RowLayout) -> None:
    """Raise Problem 422 unless it has every input column once, each of its kind, and no others."""
    for field in schema:
        if not (_is_number(field.type) or _is_text(field.type) or _is_time(field.type)):
            detail = (
                f"column {field.name[:60]} is {field.type}, not a number, a text, a time or null"
            )
            raise Problem(422, detail)
    refuse(_wrong_names(schema.names, layout))
    refuse(_wrong_types(schema, layout))


def is_dictionary(of: pa.DataType) -> bool:
    """Return whether a type is a dictionary of texts."""
    return bool(pa.types.is_dictionary(of) and _is_string(of.value_type))


def _wrong_names(names: list[str], layout: RowLayout) -> Iterator[Violation]:
    counts = Counter(names)
    allowed = [*layout.names, *layout.optional]
    for name in names:
        if name not in allowed:
            yield Violation(None, name[:60], "no such column", "a column")
    for name in layout.names:
        if name not in counts:
            yield Violation(None, name, "required; a missing value is null", "nothing")
    for name in sorted(allowed):
        if counts[name] > 1:
            yield Violation(None, name, "once", "twice")


def _wrong_types(schema: pa.Schema, layout: RowLayout) -> Iterator[Violation]:
    for field in schema:
        name, of = field.name, field.type
        if layout.kinds.get(name) == "number":
            is_right, expected = _is_number(of), "a number"
        elif name == layout.time:
            is_right, expected = _is_time(of) and of.tz is not None, TIMES
        else:
            is_right, expected = _is_text(of), "a text"
        if not is_right:
            yield Violation(None, name, expected, str(of))


def _is_number(of: pa.DataType) -> bool:
    return bool(pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_null(of))


def _is_string(of: pa.DataType) -> bool:
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of))


def _is_text(of: pa.DataType) -> bool:
    return bool(_is_string(of) or is_dictionary(of) or pa.types.is_null(of))


def _is_time(of: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(of))
