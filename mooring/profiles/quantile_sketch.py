"""KLL quantile sketches (Karnin, Lang and Liberty, 2016) without random bits: equal values, equal bytes.

In: the finite values of a column, or sketches of parts of them. Out: whylogs_sketching's own
kll_doubles_sketch, read from the layout that Apache DataSketches publishes (kll_sketch_impl.hpp). There,
the clock decides which half of a full level stays. Here sorted values are cut into blocks, and the middle
one represents its block; when sketches merge, the values themselves decide which half stays.
"""

import hashlib
import struct
from collections.abc import Iterable
from functools import cache
from itertools import accumulate, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring.profiles.engine import CONFIG, kll_doubles_sketch

K: int = CONFIG.kll_k_large
LEAST_CAPACITY = 8
"""The least capacity of any level: DataSketches' M."""
FAMILY, VERSION, PREAMBLE_INTS, LEVEL_ZERO_IS_SORTED = 15, 1, 6, 2
HEAD = struct.Struct("<BBBBHBxQHB5x")
"""Preamble ints, version, family, flags, k, m; n, the least k merged, number of levels."""
SINGLE_HEAD_BYTES = 8
Values = NDArray[np.float64]
Levels = list[Values]
"""Ascending values of each level; one at level h represents 2**h."""


def sketch_of(ordered: Values) -> Any:
    """Return the sketch of finite values, shape (n,), in ascending order.

    Up to K values it is exact. Beyond, 2**h values share a block, with the least h that leaves at most K
    blocks; the values left over make smaller blocks at lower levels. So no rank is off by more than half
    a block: 1 / K of all values.
    """
    if not ordered.size:
        return kll_doubles_sketch(K)
    height = (len(ordered) // (K + 1)).bit_length()
    levels = [ordered[:0]] * (height + 1)
    start = 0
    for level in reversed(range(height + 1)):
        size = 2**level
        stop = start + (len(ordered) - start) // size * size
        levels[level] = ordered[start + size // 2 : stop : size]
        start = stop
    return _sketch(levels, ordered[0], ordered[-1])


def merged_sketch(sketches: Iterable[Any]) -> Any:
    """Return the sketch of the values of all `sketches`, which do not change.

    Levels are halved as in KLL, with its rank error: only the bit that KLL draws at random comes from a
    digest here.
    """
    parts = [sketch for sketch in sketches if not sketch.is_empty()]
    if not parts:
        return kll_doubles_sketch(K)
    by_level = zip_longest(*(_levels(part) for part in parts), fillvalue=_NONE)
    levels = [np.sort(np.concatenate(same)) for same in by_level]
    least = min(part.get_min_value() for part in parts)
    greatest = max(part.get_max_value() for part in parts)
    return _sketch(_halved(levels), least, greatest)


_NONE: Values = np.empty(0)


@cache
def _capacity(n_levels: int, level: int) -> int:
    """Return how many values a level may hold: 2/3 of the one above it, rounded."""
    depth = n_levels - level - 1
    rounded: int = ((2 * K << depth) // 3**depth + 1) >> 1
    return max(LEAST_CAPACITY, rounded)


@cache
def _total_capacity(n_levels: int) -> int:
    return sum(_capacity(n_levels, level) for level in range(n_levels))


def _halved(levels: Levels) -> Levels:
    """Return levels that fit their total capacity: every second value of the lowest full one moves up."""
    n = sum(len(values) << level for level, values in enumerate(levels))
    while sum(map(len, levels)) > _total_capacity(len(levels)):
        full = next(
            level
            for level, values in enumerate(levels)
            if len(values) > _capacity(len(levels), level)
        )
        if full == len(levels) - 1:
            levels.append(_NONE)
        n_left = len(levels[full]) % 2
        pairs = levels[full][n_left:]
        up = pairs[_bit(pairs, n, full) :: 2]
        levels[full] = levels[full][:n_left]
        levels[full + 1] = np.sort(np.concatenate([levels[full + 1], up]))
    return levels


def _bit(pairs: Values, n: int, level: int) -> int:
    """Return 0 or 1, as a fair coin would.

    It depends on all that is merged, so that repeated values do not err the same way each time.
    """
    digest = hashlib.blake2b(f"{n}:{level}:".encode() + pairs.tobytes(), digest_size=1)
    return digest.digest()[0] & 1


def _sketch(levels: Levels, least: float, greatest: float) -> Any:
    n_kept = [len(values) for values in levels]
    n = sum(kept << level for level, kept in enumerate(n_kept))
    head = HEAD.pack(
        *(PREAMBLE_INTS, VERSION, FAMILY, LEVEL_ZERO_IS_SORTED, K, LEAST_CAPACITY),
        *(n, K, len(levels)),
    )
    starts = list(accumulate(n_kept, initial=_total_capacity(len(levels)) - sum(n_kept)))[:-1]
    values = np.concatenate([[least, greatest], *levels])
    return kll_doubles_sketch.deserialize(
        head + struct.pack(f"<{len(starts)}I", *starts) + values.astype("<f8").tobytes()
    )


def _levels(sketch: Any) -> Levels:
    content = sketch.serialize()
    if sketch.get_n() == 1:
        return [np.frombuffer(content, "<f8", offset=SINGLE_HEAD_BYTES)]
    *_, n_levels = HEAD.unpack_from(content)
    starts = struct.unpack_from(f"<{n_levels}I", content, HEAD.size)
    items = np.frombuffer(content, "<f8", offset=HEAD.size + 4 * n_levels + 16)
    bounds = [start - starts[0] for start in starts]
    return [items[first:end] for first, end in zip_longest(bounds, bounds[1:])]
