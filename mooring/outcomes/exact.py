"""Sums of floats without any rounding, so that the order of rows, parts and merges changes no digit.

A float64 is a whole number times a power of two, and so is a sum of them: it fits a Fraction.
"""

import math
from fractions import Fraction

import numpy as np

from mooring.metrics.weighted import Floats, Ints

HALF_BITS = 26
"""A significand of 53 bits is added up in two halves, each exact in float64 up to 2**26 rows."""
EXPONENTS = 4096
"""More than the number of exponents of float64."""


def exact_sums(values: Floats, blocks: Ints, n_blocks: int) -> list[Fraction]:
    """Return the sum of the finite `values`, (n_rows,), in each of the blocks 0 to n_blocks - 1."""
    fractions, exponents = np.frexp(values)
    whole = np.ldexp(fractions, 53).astype(np.int64)
    cells, at = np.unique(blocks * EXPONENTS + exponents + EXPONENTS // 2, return_inverse=True)
    high = np.bincount(at, whole >> HALF_BITS, minlength=len(cells))
    low = np.bincount(at, whole & (2**HALF_BITS - 1), minlength=len(cells))
    sums = [Fraction(0)] * n_blocks
    for cell, upper, lower in zip(cells.tolist(), high.tolist(), low.tolist(), strict=True):
        exponent = cell % EXPONENTS - EXPONENTS // 2 - 53
        sums[cell // EXPONENTS] += ((int(upper) << HALF_BITS) + int(lower)) * Fraction(
            2
        ) ** exponent
    return sums


def aligned(values: Floats, room: int) -> Floats:
    """Return `values` rounded to one power of two, so that up to `room` of them add up exactly.

    A weighted sum of them then has the same digits on every machine, in whatever order its terms
    are added, while the weights sum to `room` at most.
    """
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return values
    step = math.frexp(largest)[1] + room.bit_length() - 53
    return np.ldexp(np.rint(np.ldexp(values, -step)), step)
