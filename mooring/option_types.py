"""Types of command-line options for argparse; each raises ArgumentTypeError for a wrong value."""

from argparse import ArgumentTypeError
from datetime import timedelta

from mooring.replay.durations import duration


def fraction(text: str) -> float:
    """Return a number above 0 and below 1."""
    value = float(text)
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def seconds(text: str) -> float:
    """Return a finite number above 0."""
    value = float(text)
    if not 0 < value < 1e9:
        raise ArgumentTypeError(f"{text} is not a number above 0")
    return value


def days_per_second(text: str) -> float | None:
    """Return a number above 0, None for max."""
    return None if text == "max" else seconds(text)


def count(text: str) -> int:
    """Return a whole number from 1 to 10000."""
    value = int(text)
    if not 1 <= value <= 10_000:
        raise ArgumentTypeError(f"{text} is not a number from 1 to 10000")
    return value


def delay(text: str) -> timedelta:
    """Return a duration such as 1d or 90min that is not negative."""
    try:
        value = duration(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if value < timedelta(0):
        raise ArgumentTypeError(f"{text}: a label cannot arrive before its row")
    return value
