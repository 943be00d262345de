"""Check what a typed decoder lets through: repeated keys, absurd times, refused categories.

A body that the decoder accepts is accepted as it is if these functions vouch for the rest. Otherwise
it is read again, strictly, which finds what is wrong, or that all is valid.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from mooring.bento.request import RequestSchema
from mooring.config.serving import Serving
from mooring.days import YEARS
from mooring.serving.reading.parsed import ParsedColumns, Row, RowLayout

QUOTE, ESCAPE = b'"', b"\\"
LONG = 4096
"""From here on numpy counts faster than bytes.count, which is made for long needles."""


def holds_texts(body: bytes, n_texts: int) -> bool:
    """Return whether a body holds this many texts and no other quote, so that no key is repeated."""
    return ESCAPE not in body and _n_quotes(body) == 2 * n_texts


def _n_quotes(body: bytes) -> int:
    if len(body) < LONG:
        return body.count(QUOTE)
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == QUOTE[0]))


def n_values(columns: ParsedColumns) -> int:
    """Return how many texts the category columns hold."""
    n_missing = sum(column.count({""}) for column in columns.categories)
    return len(columns.categories) * columns.n_rows - n_missing


def n_names(columns: ParsedColumns) -> int:
    """Return how many keys and times the rows have."""
    return sum(columns.n_rows - values.count(None) for values in (columns.keys, columns.times))


def are_timely(times: Sequence[datetime | None]) -> bool:
    """Return whether every given time is in a valid year."""
    if times.count(None) == len(times):
        return True
    return all(at is None or at.year in YEARS for at in times)


class Novelty:
    """The categories that no training row had, if conf/serving refuses them."""

    def __init__(self, layout: RowLayout, schema: RequestSchema, serving: Serving) -> None:
        self.refuses = serving.unseen == "refuse"
        self._start = len(layout.numbers)
        self._seen = [
            (layout.categories.index(name), frozenset({*values, None, ""}))
            for name, values in schema.closed_seen.items()
            if self.refuses
        ]

    def is_in_row(self, row: Row) -> bool:
        """Return whether a text of this row is refused."""
        return any(row[self._start + at] not in seen for at, seen in self._seen)
