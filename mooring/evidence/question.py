"""Choose the model and the days of a report, among those that a store has profiles of.

In: a store, and the names that a caller gave. Out: a digest; the first and the last day of a window.
"""

import datetime
from collections.abc import Sequence
from itertools import pairwise

from mooring.days import YEARS
from mooring.errors import DataError
from mooring.evidence.bundle import DAY
from mooring.files import short
from mooring.records import snapshots
from mooring.records.log import days_between
from mooring.records.store import Store

Window = tuple[datetime.date, datetime.date]
"""The first and the last day, both included."""


def model_named(store: Store, name: str) -> str:
    """Return the digest of the one model with profiles that begins with `name`.

    Raises DataError if there is none, or more than one.
    """
    models = store.directories(snapshots.DIRECTORY)
    matching = [model for model in models if model.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    shown = ", ".join(short(model) for model in models)
    raise DataError(
        f"no profiles of model {short(name)}"
        if not matching
        else f"{len(matching)} models begin with {short(name)}",
        where=store.url,
        got=f"profiles of {shown}" if models else "no profiles at all",
        fix="serve it with 'mooring serve' and send it rows, or name another --store or --model",
    )


def served_days(store: Store, model: str) -> list[datetime.date]:
    """Return the days that a model has profiles of, ascending. Raises DataError if there is none."""
    names = list(days_between(store, f"{snapshots.DIRECTORY}/{model}", None, None))
    if not names:
        raise DataError(
            f"no day of model {short(model)} has a profile",
            where=f"{store.url}/{snapshots.DIRECTORY}/{model}",
            expected="directories such as 2013-07-01",
            fix="send it rows, or name another --store or --model",
        )
    return [datetime.date.fromisoformat(name) for name in names]


def newest_day(days: Sequence[datetime.date], window_days: int) -> datetime.date:
    """Return the newest day, which may still get rows; every earlier day is complete.

    A day with no other served day in the `window_days` before it does not count if another does: a row
    with a wrong clock must not hide served days, nor complete the day that still gets rows.
    """
    after_others = (
        later for earlier, later in pairwise(days) if later - earlier <= window_days * DAY
    )
    return max(after_others, default=days[-1])


def newest_window(days: Sequence[datetime.date], window_days: int) -> Window:
    """Return the newest window of complete days. Raises DataError if no day is complete."""
    if len(days) < 2:
        raise DataError(
            "no day of serving is complete",
            expected="profiles of two days or more: the newest may be incomplete",
            got=f"{len(days)} days",
            fix="wait for a day to end, or name one with --window DAY..DAY",
        )
    last = newest_day(days, window_days) - DAY
    return last - (window_days - 1) * DAY, last


def ignored_day(days: Sequence[datetime.date], window_days: int) -> str | None:
    """Return a sentence on the newest served day if it is ignored, else None."""
    if days[-1] == newest_day(days, window_days):
        return None
    return f"ignoring {days[-1]}: no data in the {window_days} days before it (wrong clock?)"


def window_named(text: str, days: Sequence[datetime.date]) -> Window:
    """Return the window that `text`, FIRST..LAST, names.

    Raises DataError if it is not a window, ends after the newest served day, or holds no served day:
    days that have not been served yet are not missing.
    """
    first, last = _parsed(text)
    served = [day for day in days if first <= day <= last]
    if last > days[-1] or not served:
        raise DataError(
            f"--window {text} holds no day that was served"
            if not served
            else f"--window {text} ends after the newest day that was served",
            expected=f"a window in {days[0]}..{days[-1]}",
            got=f"{len(served)} of its days have profiles",
            fix="name another --window, --store or --model",
        )
    return first, last


def _parsed(text: str) -> Window:
    try:
        first, last = (datetime.date.fromisoformat(day) for day in text.split(".."))
    except ValueError:
        first, last = datetime.date.max, datetime.date.min
    if first > last or not {first.year, last.year} <= {*YEARS}:
        raise DataError(
            f"--window {text}",
            expected=f"two days, such as 2013-07-01..2013-07-07, in the years {YEARS[0]} to {YEARS[-1]}",
        )
    return first, last
