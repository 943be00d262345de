"""Parse durations such as 30m, -5h and 1d."""

import datetime
import re

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
ALLOWED = "a number with its unit s, m, h or d, such as 30m or 1d"
LONGEST = datetime.timedelta(days=36_500)
_FORM = re.compile(r"([+-]?\d{1,7}(?:\.\d{1,6})?)([smhd])")


def duration(text: str) -> datetime.timedelta:
    """Return the duration in a text. Raises ValueError for any other text."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not {ALLOWED}")
    length = datetime.timedelta(**{UNITS[match[2]]: float(match[1])})
    if abs(length) > LONGEST:
        raise ValueError(f"{text} is longer than {LONGEST.days} days")
    return length
