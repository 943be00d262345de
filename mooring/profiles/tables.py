"""Counts by bin out of profiles: the bins from the reference, then each block's rows in them.

In: profiles as mooring/profiles/reading.py reads them. Out: Bins, and Counts for each column of a block.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mooring.errors import DataError
from mooring.profiles.bins import Bins, CategoryBins, Counts, NumberBins
from mooring.profiles.engine import frequent_items_error_type, kll_doubles_sketch
from mooring.profiles.reading import Profile, Sketches
from mooring.profiles.sketches import CONFIG

N_NUMBER_BINS = 20
"""Half as many miss a unit change in a tenth of the rows in one window of five (benchmarks/drift.py)."""
MIN_CATEGORY_SHARE = 0.001
"""Of the reference's rows, from which on a category has a bin of its own."""
Columns = dict[str, Counts]
Items = tuple[dict[str, float], bool]
"""A column's categories with their rows, and whether these are all of them, to the last row."""


def reference_counts(blocks: Mapping[str, Profile]) -> tuple[Bins, dict[str, Columns]]:
    """Return the bins that the blocks of a reference make, and each block's counts in them.

    `unseen` of a block is what it would be were the block not in the reference: the rows of categories
    that no other block has. Raises DataError when there is no block, or they are not of the same columns.
    """
    if not blocks:
        raise DataError("a reference without a profile", mend="run 'dvc repro reference'")
    kinds = [{name: of.kind for name, of in block.items()} for block in blocks.values()]
    if any(other != kinds[0] for other in kinds):
        raise DataError("the profiles of the reference are not of the same columns")
    bins: dict[str, NumberBins | CategoryBins] = {}
    found: dict[str, Columns] = {name: {} for name in blocks}
    for column, kind in sorted(kinds[0].items()):
        parts = {name: block[column] for name, block in blocks.items()}
        if kind == "number":
            bins[column] = _number_bins(parts.values())
            for name, part in parts.items():
                found[name][column] = _counts(part, bins[column])
        else:
            items = {name: _items(part) for name, part in parts.items()}
            bins[column] = of = _category_bins(items.values())
            n_blocks = Counter(text for texts, _ in items.values() for text in texts)
            for name, part in parts.items():
                elsewhere = frozenset(text for text in items[name][0] if n_blocks[text] > 1)
                unseen = _unseen(items[name], elsewhere)
                in_bins = _in_categories(part, items[name], of)
                found[name][column] = replace(in_bins, unseen=unseen)
    return bins, found


def counts(profiles: Iterable[Profile], bins: Bins) -> Columns:
    """Return the counts of a block whose rows are in several profiles, those of each writer.

    A column that no profile has, or that is of another kind than the bins, is left out: its rows count as
    absent where they are judged.
    """
    found: Columns = {}
    for profile in profiles:
        for column, of in bins.items():
            part = profile.get(column)
            if part is not None and (part.kind == "number") == isinstance(of, NumberBins):
                more = _counts(part, of)
                found[column] = _sum(found[column], more) if column in found else more
    return found


def _counts(part: Sketches, bins: NumberBins | CategoryBins) -> Counts:
    if isinstance(bins, NumberBins):
        return _in_numbers(part, bins)
    return _in_categories(part, _items(part), bins)


def _sum(one: Counts, other: Counts) -> Counts:
    return Counts(
        one.rows + other.rows,
        one.null + other.null,
        one.inf + other.inf,
        one.unseen + other.unseen,
        one.bins + other.bins,
    )


def _number_bins(parts: Iterable[Sketches]) -> NumberBins:
    """Return the bins between the quantiles of all values, as many as there are different ones."""
    merged = kll_doubles_sketch(CONFIG.kll_k_large)
    for part in parts:
        merged.merge(part.values)
    if merged.is_empty():
        return NumberBins(())
    inner = np.arange(1, N_NUMBER_BINS) / N_NUMBER_BINS
    return NumberBins(tuple(np.unique(merged.get_quantiles(inner.tolist())).tolist()))


def _in_numbers(part: Sketches, bins: NumberBins) -> Counts:
    n = part.values.get_n()
    if not n:
        shares: Any = np.zeros(bins.n_bins)
    elif not bins.edges:
        shares = np.ones(1)
    else:  # the sketch counts below a point, we up to an edge and with it
        shares = np.asarray(part.values.get_pmf(np.nextafter(bins.edges, np.inf).tolist()))
    return Counts(part.rows, part.null, part.inf, 0.0, shares * n)


def _items(part: Sketches) -> Items:
    """Return a column's categories.

    A sketch that has held more of them than it can gives for each an upper bound, and has dropped some:
    then the middle of its bounds is taken.
    """
    kept = part.values.get_frequent_items(frequent_items_error_type.NO_FALSE_NEGATIVES)
    whole = all(low == high for _, _, low, high in kept)
    whole = whole and sum(low for _, _, low, _ in kept) == part.values.get_total_weight()
    return {text: (low + high) / 2 for text, _, low, high in kept}, whole


def _category_bins(items: Iterable[Items]) -> CategoryBins:
    total: dict[str, float] = defaultdict(float)
    for texts, _ in items:
        for text, n in texts.items():
            total[text] += n
    least = MIN_CATEGORY_SHARE * sum(total.values())
    names = tuple(sorted(text for text, n in total.items() if n >= least))
    return CategoryBins(names, frozenset(total) - frozenset(names))


def _in_categories(part: Sketches, items: Items, bins: CategoryBins) -> Counts:
    texts, _ = items
    own = np.array([texts.get(name, 0.0) for name in bins.names])
    unseen = _unseen(items, bins.rare.union(bins.names))
    rare = max(part.rows - part.null - own.sum() - unseen, 0.0)
    return Counts(part.rows, part.null, part.inf, unseen, np.append(own, rare))


def _unseen(items: Items, known: frozenset[str]) -> float:
    """Return the rows of categories that are not known; 0 where the sketch has dropped some.

    Then nobody can tell which they were, and all that have no bin count as rare.
    """
    texts, whole = items
    return sum((n for text, n in texts.items() if text not in known), 0.0) if whole else 0.0
