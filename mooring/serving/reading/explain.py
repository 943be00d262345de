"""Read a body strictly, and say which value breaks which rule.

This is the slow path, taken only if a typed decoder refuses a body or cannot vouch for it. It
returns plain values that keep every rule, so the typed decoder's own types accept them too.
"""

import json
import math
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NoReturn

from mooring.bento.request import MAX_KEY_LENGTH, RequestSchema
from mooring.config.data import CategoryColumn, Column, NumberColumn
from mooring.config.serving import Serving
from mooring.days import YEARS
from mooring.serving.problems import MAX_ERRORS, Problem, Violation

SHOWN = 60
WHEN = f"a time of {YEARS[0]} to {YEARS[-1]} with its offset from UTC"
INSTANT = f"{WHEN}, such as 2026-01-31T08:00:00Z (RFC 3339)"


def read_rows(body: bytes, schema: RequestSchema, serving: Serving) -> dict[str, Any]:
    """Return {"rows": […]} as plain values. Raises Problem: 400 if not JSON, 422 if a rule is broken."""
    rows = _rows(parse(body), serving.limits.rows)
    refuse(_violations(rows, schema, serving))
    return {"rows": rows}


def refuse(violations: Iterator[Violation]) -> None:
    """Raise Problem 422 with the first violations, if there are any."""
    errors = tuple(islice(violations, MAX_ERRORS))
    if errors:
        more = " (and perhaps more)" if len(errors) == MAX_ERRORS else ""
        raise Problem(422, f"{len(errors)} values{more} break a rule", errors)


def parse(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8. Raises Problem for anything else.

    Repeated keys, NaN, Infinity and texts that UTF-8 cannot hold are refused (RFC 8259, 7493).
    """
    try:
        text = body.decode("utf-8")
        return json.loads(
            text, object_pairs_hook=_distinct, parse_constant=_no_constant, parse_int=float
        )
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is not UTF-8: byte {error.start}") from error
    except RecursionError as error:
        raise Problem(400, "the body is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Problem(400, f"the body is not JSON: {error.msg} at character {error.pos}") from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    by_key = dict(pairs)
    if len(by_key) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem(400, f"the key {shown(twice)} is repeated in one object")
    return by_key


def _no_constant(name: str) -> NoReturn:
    raise Problem(400, f"the body is not JSON: {name} is not a number; a missing value is null")


def _rows(content: Any, limit: int) -> list[Any]:
    expected = 'an object with the one key "rows": a list of objects'
    if not isinstance(content, dict) or set(content) != {"rows"}:
        raise Problem(422, f"the body must be {expected}")
    rows = content["rows"]
    if not isinstance(rows, list) or not rows:
        raise Problem(422, "rows must be a list of at least one object")
    if len(rows) > limit:
        raise Problem(422, f"at most {limit} rows in a request, got {len(rows)}")
    return rows


def _violations(rows: list[Any], schema: RequestSchema, serving: Serving) -> Iterator[Violation]:
    allowed = {*schema.columns, schema.key, *([schema.time.column] if schema.time else [])}
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            yield Violation(number, "", "a row is an object", shown(row))
            continue
        for name in row:
            if name not in allowed:
                yield Violation(number, name[:SHOWN], "no such column", shown(row[name]))
        for name, column in schema.columns.items():
            if name not in row:
                yield Violation(number, name, "required; a missing value is null", "nothing")
            else:
                rule = broken_rule(row[name], column, serving, schema.seen.get(name))
                if rule:
                    yield Violation(number, name, rule, shown(row[name]))
        yield from _names(number, row, schema)


def broken_rule(
    value: Any, column: Column, serving: Serving, seen_categories: Collection[str] | None
) -> str | None:
    """Return the rule of `column` that a plain value breaks, None if it keeps them all."""
    if value is None:
        return None if serving.missing == "score" else "not null"
    if isinstance(column, NumberColumn):
        return _broken_range(value, column)
    if not isinstance(value, str):
        return "a text"
    return _broken_text(value, column) or _broken_novelty(value, column, serving, seen_categories)


def _broken_range(value: Any, column: NumberColumn) -> str | None:
    if isinstance(value, bool) or not isinstance(value, float):
        return "a number"
    if not math.isfinite(value):
        return "a number within the range of a double"
    if column.min is not None and value < column.min:
        return f"at least {column.min:g} {column.unit}"
    if column.max is not None and value > column.max:
        return f"at most {column.max:g} {column.unit}"
    return None


def _broken_text(value: str, column: CategoryColumn) -> str | None:
    if column.categories is not None:
        allowed = ", ".join(column.categories)
        return None if value in column.categories else f"one of {allowed}"
    return _broken_length(value, column.max_length)


def _broken_novelty(
    value: str, column: CategoryColumn, serving: Serving, seen: Collection[str] | None
) -> str | None:
    if serving.unseen == "score" or column.open or seen is None or value in seen:
        return None
    return "a category that training has seen"


def _broken_length(value: str, longest: int) -> str | None:
    if not 1 <= len(value) <= longest:
        return f"of 1 to {longest} characters"
    return None if _is_unicode(value) else "a text without lone surrogates"


def _names(number: int, row: dict[str, Any], schema: RequestSchema) -> Iterator[Violation]:
    """Check the key and the time of a row, both of which may be left out."""
    for name in (schema.key, *([schema.time.column] if schema.time else [])):
        if name in row:
            rule = broken_name(row[name], name, schema)
            if rule:
                yield Violation(number, name, rule, shown(row[name]))


def broken_name(value: Any, name: str, schema: RequestSchema) -> str | None:
    """Return the rule that the key or the time of a row breaks, None if it keeps it."""
    if name == schema.key:
        return _broken_length(value, MAX_KEY_LENGTH) if isinstance(value, str) else "a text"
    if _is_instant(value):
        return None
    return INSTANT


def instant(text: str) -> datetime:
    """Return the time in a text, T and Z in either case (RFC 3339). Raises ValueError."""
    return datetime.fromisoformat(text.upper())


def _is_instant(value: Any) -> bool:
    try:
        at = instant(value)
    except (AttributeError, TypeError, ValueError):
        return False
    return at.tzinfo is not None and at.year in YEARS


def _is_unicode(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def shown(value: Any) -> str:
    """Return a value as JSON, cut short."""
    text = json.dumps(value) if not isinstance(value, list | dict) else type(value).__name__
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
