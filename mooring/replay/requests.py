"""Encode rows as request bodies, each with a number that is the same in every run.

In: chunks of Rows in order. Out: lists of Request: {"rows": [{column: value, …}, …]} in JSON.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from mooring.config.data import Data
from mooring.errors import DataError
from mooring.replay.past_rows import Mask, Rows, time_of


class Request(NamedTuple):
    """One request."""

    number: int
    """Its position among all requests of the plan, from 0."""
    n_rows: int
    at: float
    """The time of its last row, in seconds since 1970; it cannot be sent earlier."""
    body: bytes


def requests(
    chunks: Iterable[Rows], data: Data, n_rows: int, answered: Mask
) -> Iterator[list[Request]]:
    """Yield requests of `n_rows` rows, the last perhaps with fewer, chunk by chunk.

    Answered requests, (n_requests,), are skipped. Raises DataError for an infinite number.
    """
    encode = msgspec.json.Encoder().encode
    names = list(data.columns)
    n_before, waiting = 0, list[tuple[int, float, bytes]]()
    for rows in chunks:
        index = (n_before + np.arange(len(rows))) // n_rows
        n_before += len(rows)
        todo = ~answered[index]
        made = []
        written = _objects(rows.take(todo), names, data)
        at = rows.clock[todo].astype("int64") / 1e6
        for number, second, row in zip(index[todo].tolist(), at.tolist(), written, strict=True):
            if waiting and waiting[0][0] != number:
                made.append(_request(waiting))
                waiting = []
            waiting.append((number, second, encode(row)))
        yield made
    if waiting:
        yield [_request(waiting)]


def _request(rows: list[tuple[int, float, bytes]]) -> Request:
    number, at, _ = rows[-1]
    body = b'{"rows":[' + b",".join(row for *_, row in rows) + b"]}"
    return Request(number, len(rows), at, body)


def _objects(rows: Rows, names: list[str], data: Data) -> Iterator[dict[str, object]]:
    """Yield each row as a JSON object; NaN becomes null."""
    for name in names:
        values = rows.columns[name]
        if values.dtype != object and np.isinf(values).any():
            raise DataError(f"column {name} contains infinity, which JSON cannot encode")
    asked = np.datetime_as_string(rows.times, unit="us", timezone="UTC").tolist()
    lists = [rows.keys.tolist(), asked, *(rows.columns[name].tolist() for name in names)]
    fields = (data.key, time_of(data).column, *names)
    absent = [(name, mask) for name, mask in rows.absent.items() if mask.any()]
    for place, of_row in enumerate(zip(*lists, strict=True)):
        row = dict(zip(fields, of_row, strict=True))
        for name, mask in absent:
            if mask[place]:
                del row[name]
        yield row
