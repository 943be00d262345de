"""Escape texts from data or conf/ for Markdown, on GitHub and elsewhere."""

import re
from collections.abc import Iterable, Sequence

from mooring.reports.kit.wording import line

_LENGTH = 600
_SPECIAL = re.compile(r"[\\`*\[\]<>|~#!$&@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.")
_LEADING = re.compile(r"^(?:[-+](?=[\s-]|$)|(\d{1,9})(?=[.)](?:\s|$)))")
"""Characters that start a list or a rule at the beginning of a line."""
_REFERENCE = re.compile(r"(\\[@#]|(?i:\bGH-))(?=\w)")
_APART = r"\1&#8203;"  # a zero-width space


def escaped(text: str, length: int = _LENGTH) -> str:
    """Return untrusted text as one escaped line of Markdown, truncated if long.

    GitHub detects @name, #1 and GH-1 even after escaping, so they would notify somebody or close an
    issue: a zero-width space prevents that.
    """
    inert = _SPECIAL.sub(lambda special: f"\\{special.group()}", line(text, length))
    inert = _LEADING.sub(lambda first: f"{first[1]}\\" if first[1] else f"\\{first[0]}", inert)
    return _REFERENCE.sub(_APART, inert)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are escaped; `head` is not."""
    lines = [head, ["---"] * len(head), *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)
