"""Format numbers, the same on every page and in every chart."""

import math
from collections.abc import Mapping
from typing import Any


def number(value: float | int | None) -> str:
    """Return four significant digits; whole numbers stay whole, None is `undefined`."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "undefined"
    return count(value) if isinstance(value, int) else f"{value:.4g}"


def signed(value: float | None) -> str:
    """Return four significant digits with their sign."""
    return "undefined" if value is None else f"{value + 0.0:+.4g}"


def count(value: int) -> str:
    """Return a whole number with thousands separators."""
    return f"{value:,}"


def percent(share: float) -> str:
    """Return a fraction as a percentage with one decimal."""
    return f"{100 * share:.1f}%"


def plain(value: object) -> str:
    """Return any value as one line of text; null, true and false as conf/ writes them."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return " ".join(str(value).split())


def interval(difference: Mapping[str, Any]) -> str:
    """Return the interval of a difference as text."""
    if difference["low"] is None:
        return "no interval (too few rows)"
    sure = f"{100 * difference['confidence']:.6g}%"
    return f"{sure} interval {signed(difference['low'])} to {signed(difference['high'])}"


def line(text: str, length: int) -> str:
    """Return untrusted text as one line of at most `length` printable characters, truncated if longer."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    whole = " ".join(printable.split())
    return whole if len(whole) <= length else f"{whole[: length - 1]}…"
