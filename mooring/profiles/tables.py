"""Count profiles by bin: the bins from the reference, then each block's rows in them.

In: profiles as mooring/profiles/reading.py reads them. Out: Bins, and Counts for each column of a block.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

from mooring.errors import DataError
from mooring.profiles.bins import Bins, CategoryBins, Counts, NumberBins
from mooring.profiles.merging import kinds_of_all
from mooring.profiles.quantile_sketch import merged_sketch
from mooring.profiles.reading import Item, Profile, Sketches
from mooring.profiles.segments import segment_of

N_NUMBER_BINS = 20
"""Half as many miss a unit change in a tenth of the rows in one of five windows (benchmarks/drift.py)."""
MIN_CATEGORY_SHARE = 0.001
"""The share of the reference's rows from which a category has its own bin."""
Columns = dict[str, Counts]


def reference_counts(
    blocks: Mapping[str, Profile], open_columns: Collection[str] = ()
) -> tuple[Bins, dict[str, Columns]]:
    """Return the bins that the blocks of a reference make, and each block's counts in them.

    A block's categories are counted as if it were not in the reference: the rows of categories that no
    other block has are `unseen`. Those that have their own bin are in it too.
    Raises DataError if there is no block, or they are not of the same columns.
    """
    if not blocks:
        raise DataError("the reference has no profile", fix="run 'dvc repro reference'")
    bins: dict[str, NumberBins | CategoryBins] = {}
    counted: dict[str, Columns] = {name: {} for name in blocks}
    for column, kind in kinds_of_all(list(blocks.values())).items():
        parts = {name: block[column] for name, block in blocks.items()}
        if kind == "number":
            bins[column] = _number_bins(list(parts.values()))
            for name, part in parts.items():
                counted[name][column] = _counts(part, bins[column])
        else:
            items = {name: part.items for name, part in parts.items()}
            is_open = segment_of(column)[1] in open_columns
            categories = replace(_category_bins(parts.values(), items.values()), open=is_open)
            bins[column] = categories
            n_blocks = Counter(item.text for held in items.values() for item in held)
            for name, part in parts.items():
                counted[name][column] = _left_out(part, items[name], categories, n_blocks)
    return bins, counted


def counts(profiles: Iterable[Profile], bins: Bins) -> Columns:
    """Return the counts of a block whose rows are in several profiles, those of each writer.

    A column that no profile has, or whose kind differs from the bins, is left out; one that some
    profiles lack has the rows of the others. A block has as many rows as its fullest column, so a
    column with fewer rows is missing from the rest.
    """
    columns: Columns = {}
    for profile in profiles:
        for column, column_bins in bins.items():
            part = profile.get(column)
            if part is not None and (part.kind == "number") == isinstance(column_bins, NumberBins):
                more = _counts(part, column_bins)
                columns[column] = _sum(columns[column], more) if column in columns else more
    return columns


def _counts(part: Sketches, bins: NumberBins | CategoryBins) -> Counts:
    if isinstance(bins, NumberBins):
        return _in_numbers(part, bins)
    return _in_categories(part, part.items, bins)


def _sum(one: Counts, other: Counts) -> Counts:
    return Counts(
        one.rows + other.rows,
        one.null + other.null,
        one.inf + other.inf,
        one.unseen + other.unseen,
        one.bins + other.bins,
    )


def _number_bins(parts: Sequence[Sketches]) -> NumberBins:
    """Return the bins between the quantiles of all values, twenty at most: one if there is no value.

    A value that is several quantiles at once has its own bin: otherwise a constant column would count
    smaller values as the constant.
    """
    present = [part for part in parts if part.present]
    if not present:
        return NumberBins(())
    ranks = [bound / N_NUMBER_BINS for bound in range(1, N_NUMBER_BINS)]
    values = merged_sketch(part.values for part in present).get_quantiles(ranks)
    quantiles, times = np.unique(values, return_counts=True)
    below = np.nextafter(quantiles[times > 1], -np.inf)
    return NumberBins(tuple(np.union1d(quantiles, below).tolist()))


def _in_numbers(part: Sketches, bins: NumberBins) -> Counts:
    if not part.present:
        shares: Any = np.zeros(bins.n_bins)
    elif not bins.edges:
        shares = np.ones(1)
    else:  # the sketch counts values below a point, a bin includes its edge
        shares = np.asarray(part.values.get_pmf(np.nextafter(bins.edges, np.inf).tolist()))
    return Counts(part.rows, part.null, part.inf, 0.0, shares * part.present)


def _category_bins(parts: Iterable[Sketches], items: Iterable[tuple[Item, ...]]) -> CategoryBins:
    """Return a bin for each category that certainly has the share, by the lower bounds of its rows."""
    least: Counter[str] = Counter()
    n_present, dropped = 0, False
    for part, held in zip(parts, items, strict=True):
        n_present += part.present
        dropped |= not _all_held(part, held)
        for item in held:
            least[item.text] += item.least
    names = tuple(sorted(t for t, n in least.items() if n >= MIN_CATEGORY_SHARE * n_present))
    return CategoryBins(names, frozenset(least) - frozenset(names), whole=not dropped)


def _in_categories(part: Sketches, items: tuple[Item, ...], bins: CategoryBins) -> Counts:
    """Count by name, taking the middle of the bounds where a sketch has dropped categories.

    A bound is off to one side by up to the sketch's error, the middle by half of it at most. A name that
    was dropped counts 0, and its rows count as rare.
    """
    middle = {item.text: (item.least + item.most) / 2 for item in items}
    named = np.array([middle.get(name, 0.0) for name in bins.names])
    unseen = _unseen(part, items, bins.rare.union(bins.names)) if bins.whole else 0.0
    rare = max(part.present - named.sum() - unseen, 0.0)
    return Counts(part.rows, part.null, part.inf, unseen, np.append(named, rare))


def _left_out(
    part: Sketches, items: tuple[Item, ...], bins: CategoryBins, n_blocks: Mapping[str, int]
) -> Counts:
    """Count a block of the reference as if it were not in the reference."""
    counted = _in_categories(part, items, bins)
    if not bins.whole:
        return counted
    alone = {item.text: item.least for item in items if n_blocks[item.text] == 1}
    rare = sum(rows for text, rows in alone.items() if text in bins.rare)
    named, others = counted.bins[:-1], max(counted.bins[-1] - rare, 0.0)
    return replace(counted, unseen=float(sum(alone.values())), bins=np.append(named, others))


def _unseen(part: Sketches, items: tuple[Item, ...], names: Set[str]) -> float:
    """Return the rows of categories not in `names`: a lower bound if the sketch dropped some.

    A dropped category had at most as many rows as the widest gap between the bounds of another.
    """
    if _all_held(part, items):
        return float(sum(item.least for item in items if item.text not in names))
    held = {item.text: item.most for item in items if item.text in names}
    apart = max((item.most - item.least for item in items), default=part.present)
    return max(float(part.present - sum(held.values()) - apart * (len(names) - len(held))), 0.0)


def _all_held(part: Sketches, items: tuple[Item, ...]) -> bool:
    """Return whether these are all of a column's categories, to the last row.

    A sketch holds 768; for each one more it takes a count off each, and drops those that have none left.
    """
    return sum(item.least for item in items) == part.present
