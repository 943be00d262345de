"""The categories of a window that the reference does not have, by name: what a person asks first.

In: profiles of serving and the reference's bins. Out: a few names by column. They are untrusted texts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from mooring.profiles.bins import Bins, CategoryBins
from mooring.profiles.reading import Profile

MOST_NAMED = 5
LONGEST_NAME = 40


def new_categories(
    profiles: Mapping[str, Sequence[Profile]], bins: Bins, window: tuple[str, str] | None
) -> dict[str, tuple[str, ...]]:
    """Return those with most rows first, by column, where the reference knows all of its own.

    `profiles` holds those of each day by its name, YYYY-MM-DD.
    """
    first, last = window or ("", "")
    inside = [each for day, of_day in profiles.items() if first <= day <= last for each in of_day]
    found = {
        column: _new(inside, column, of)
        for column, of in bins.items()
        if isinstance(of, CategoryBins) and of.whole
    }
    return {column: names for column, names in found.items() if names}


def _new(profiles: Sequence[Profile], column: str, bins: CategoryBins) -> tuple[str, ...]:
    known = bins.rare.union(bins.names)
    rows: Counter[str] = Counter()
    for profile in profiles:
        part = profile.get(column)
        for item in part.items if part is not None and part.kind == "category" else ():
            if item.text not in known:
                rows[item.text[:LONGEST_NAME]] += item.least
    ordered = sorted(rows, key=lambda text: (-rows[text], text))
    more = (f"and {len(ordered) - MOST_NAMED} more",) if len(ordered) > MOST_NAMED else ()
    return (*ordered[:MOST_NAMED], *more)
