"""Clean raw columns for sketches: finite numbers or texts, and counts.

In: one array of any dtype and the kind that conf/data froze for it. Out: Numbers or Categories.
Nothing in the result can crash a native sketch or turn a mean into NaN.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mooring.errors import DataError

Kind = Literal["number", "category"]

SCORE = "score"
"""The column in which profiles keep the model's scores."""
LARGEST = 1e150
"""Numbers of this size or more count as infinite: a variance sums squares, which would overflow."""


@dataclass(frozen=True)
class Numbers:
    """A number column: its finite values in their order, contiguous, and counts of the others."""

    finite: NDArray[np.float64]
    n: int
    null: int
    """NaN, None and NA together, as whylogs counts them."""
    nan: int
    """The NaN among them."""
    inf: int


@dataclass(frozen=True)
class Categories:
    """A category column: its texts with their counts, in the order of first appearance."""

    counts: dict[str, int]
    n: int
    null: int


def numbers(name: str, array: NDArray[Any]) -> Numbers:
    """Return column `name`, shape (n,), as finite float64 and counts.

    Whole numbers beyond 2**53 are rounded; beyond LARGEST they count as infinite.
    Raises DataError on texts, and on anything else that is not a number.
    """
    floats, absent = _floats(name, array)
    is_nan = np.isnan(floats)
    is_huge = np.abs(floats) >= LARGEST
    null, inf = int(is_nan.sum()), int(is_huge.sum())
    finite = floats[~(is_nan | is_huge)] if null or inf else np.ascontiguousarray(floats)
    return Numbers(finite, len(floats), null, null - absent, inf)


def categories(name: str, array: NDArray[Any]) -> Categories:
    """Return column `name`, shape (n,), as counted texts; None, NaN, NA and '' are missing.

    Other values become texts by `str`. A lone surrogate, which UTF-8 cannot hold, becomes its
    escape, such as \\ud800. Raises DataError on unhashable values.
    """
    values = array.tolist()
    try:
        n_by_value = Counter(values)
    except TypeError as error:
        raise _refused(name, "texts", str(error)) from error
    if not all(isinstance(value, str) or _is_missing(value) for value in n_by_value):
        # Counted again as texts, since 1, 1.0 and True are one key.
        n_by_value = Counter(None if _is_missing(value) else str(value) for value in values)
    counts: dict[str, int] = {}
    for value, count in n_by_value.items():
        if not _is_missing(value):
            text = _encodable(value)
            counts[text] = counts.get(text, 0) + count
    return Categories(counts, len(values), len(values) - sum(counts.values()))


def _floats(name: str, array: NDArray[Any]) -> tuple[NDArray[np.float64], int]:
    """Return the column as float64 with NaN for missing, and how many were None or NA."""
    if array.dtype.kind in "biuf":
        with np.errstate(over="ignore"):
            return array.astype(np.float64, copy=False), 0
    if array.dtype.kind != "O":
        raise _refused(name, "numbers", f"dtype {array.dtype}")
    values = array.tolist()
    floats = np.fromiter(_each_float(name, values), np.float64, len(values))
    return floats, sum(value is None or value is pd.NA for value in values)


def _each_float(name: str, values: Iterable[Any]) -> Iterable[float]:
    for value in values:
        if value is None or value is pd.NA:
            yield np.nan
        elif isinstance(value, str | bytes | bytearray):
            raise _refused(name, "numbers", repr(value)[:100])
        else:
            try:
                yield float(value)
            except OverflowError:
                yield np.inf
            except (TypeError, ValueError) as error:
                raise _refused(name, "numbers", repr(value)[:100]) from error


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value == "" or bool(value != value)


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _refused(name: str, expected: str, got: str) -> DataError:
    return DataError(
        f"column {name} cannot be profiled",
        expected=expected,
        got=got,
        fix="give the column the kind that conf/data declares",
    )
