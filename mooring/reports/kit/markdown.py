"""Markdown in which every text from data or conf/ is text, on GitHub and elsewhere."""

import re
from collections.abc import Iterable, Sequence

from mooring.reports.kit.wording import line

_LENGTH = 600
_SPECIAL = re.compile(r"[\\`*\[\]<>|~#!$&@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.")
_LEADING = re.compile(r"^(?:[-+](?=[\s-]|$)|(\d{1,9})(?=[.)](?:\s|$)))")
"""What would begin a list, or be a rule, were it a line's first."""
_REFERENCE = re.compile(r"(\\[@#]|(?i:\bGH-))(?=\w)")
_APART = r"\1&#8203;"  # a space of no width


def escaped(text: str, length: int = _LENGTH) -> str:
    """Return untrusted text as one line of Markdown in which nothing is markup, cut when long.

    GitHub looks for @name, #1 and GH-1 after backslashes are gone, so that they would still notify
    somebody or close an issue: a space of no width keeps them apart.
    """
    inert = _SPECIAL.sub(lambda special: f"\\{special.group()}", line(text, length))
    inert = _LEADING.sub(lambda first: f"{first[1]}\\" if first[1] else f"\\{first[0]}", inert)
    return _REFERENCE.sub(_APART, inert)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are escaped; `head` is not."""
    lines = [head, ["---"] * len(head), *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)
