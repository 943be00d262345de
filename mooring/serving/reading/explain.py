"""Read a body strictly, and say which value breaks which rule.

This is the slow path, taken only if a typed decoder refuses a body or cannot vouch for it. It
returns plain values that keep every rule, so the typed decoder's own types accept them too.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

from mooring.bento.request import RequestSchema
from mooring.config.serving import Serving
from mooring.serving.problems import MAX_ERRORS, Problem, Violation
from mooring.serving.reading.rules import SHOWN, broken_name, broken_rule, shown


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
    in_training = {name: frozenset(values) for name, values in schema.seen.items()}
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
                rule = broken_rule(row[name], column, serving, in_training.get(name))
                if rule:
                    yield Violation(number, name, rule, shown(row[name]))
        yield from _names(number, row, schema)


def _names(number: int, row: dict[str, Any], schema: RequestSchema) -> Iterator[Violation]:
    """Check the key and the time of a row, both of which may be left out."""
    for name in (schema.key, *([schema.time.column] if schema.time else [])):
        if name in row:
            rule = broken_name(row[name], name, schema)
            if rule:
                yield Violation(number, name, rule, shown(row[name]))
