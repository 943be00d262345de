"""Name the categories of a window that the reference does not have.

In: profiles of serving and the reference's bins. Out: a few names by column, which are untrusted text.
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
    """Return them by column, most rows first, for columns whose reference categories are all known.

    `profiles` maps each day, YYYY-MM-DD, to its profiles.
    """
    first, last = window or ("", "")
    days = [of_day for day, of_day in profiles.items() if first <= day <= last]
    inside = [profile for of_day in days for profile in of_day]
    names_by_column = {
        column: _new(inside, column, column_bins)
        for column, column_bins in bins.items()
        if isinstance(column_bins, CategoryBins) and column_bins.whole
    }
    return {column: names for column, names in names_by_column.items() if names}


def _new(profiles: Sequence[Profile], column: str, bins: CategoryBins) -> tuple[str, ...]:
    reference_names = bins.rare.union(bins.names)
    rows: Counter[str] = Counter()
    for profile in profiles:
        part = profile.get(column)
        for item in part.items if part is not None and part.kind == "category" else ():
            if item.text not in reference_names:
                rows[item.text[:LONGEST_NAME]] += item.least
    ordered = sorted(rows, key=lambda text: (-rows[text], text))
    more = (f"and {len(ordered) - MOST_NAMED} more",) if len(ordered) > MOST_NAMED else ()
    return (*ordered[:MOST_NAMED], *more)
