"""How serious each part of a report is: the four levels that every part shares.

Out: the type, its order, and why a check was not made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["quiet", "watch", "alarm", "cannot_tell"]
"""The level of one part: `watch` is an alarm that is small or new, `alarm` one that is neither."""
STANDS_OUT: tuple[Level, ...] = ("watch", "alarm")
"""The levels that are reported to people."""
LEVELS: tuple[Level, ...] = ("alarm", "watch", "cannot_tell", "quiet")
"""The most urgent first."""
Cause = Literal[
    "reference_too_small",
    "reference_has_too_few_values",
    "reference_has_too_many_categories",
    "too_few_days",
    "too_few_rows",
    "too_few_values",
    "no_labels",
    "too_few_labels",
    "undefined",
]
"""Why a check was not made."""
OF_THE_REFERENCE: tuple[Cause, ...] = (
    "reference_has_too_few_values",
    "reference_has_too_many_categories",
)
"""The causes that no window of serving can change: the check can never be made."""
TOO_MANY_CATEGORIES = "The reference has too many categories to know them all."


@dataclass(frozen=True)
class Unchecked:
    """Checks that were not made, all for one cause."""

    cause: Cause
    checks: tuple[str, ...]
    """The name of each, such as `temp` or `temp: null`."""
    reason: str
    """A sentence."""


def worst(levels: Iterable[Level]) -> Level:
    """Return the most urgent level; `cannot_tell` if there is none."""
    return min(levels, key=LEVELS.index, default="cannot_tell")
