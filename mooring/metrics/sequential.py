"""Sequential test of two models' mean losses over blocks: a confidence sequence for daily looks.

In: for each block (a day, or a group of rows) how many rows each model scored, and their losses.
Out: a Contrast, and its intervals: one for a single look, and one that is valid at all looks at once.
Arrays are (..., n_blocks) with blocks in order of time, and results (...,), so that a simulation
can pass many experiments at once.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

MIN_BLOCKS = 21
"""The fewest blocks for a verdict. In A/A tests with a look on each of the days 21 to 100, at alpha 5%, the
false-alarm rate is 1% (normal days), 3% (correlated by 0.3 with the day before), 4.7% (exponential;
5.3% from day 14) and 0.5 to 2.2% (real days, in any order). `python -m benchmarks.ab` prints them; see
docs/decisions/0012-daily-looks-at-two-models.md.
"""
PRIOR_KEYS = 1000.0
"""The concentration of the Beta prior around the declared share: a spread of 1.6% at one half."""


@dataclass(frozen=True)
class Totals:
    """One model's rows by block."""

    n: Floats
    """(..., n_blocks): rows."""
    losses: Floats
    """(..., n_blocks): sums of losses."""


@dataclass(frozen=True)
class Contrast:
    """The weighted mean of the blocks' differences, and moments of its error. Each field is (...,)."""

    n_blocks: Floats
    """The number of blocks in which both models have rows; other blocks are ignored."""
    difference: Floats
    """The champion's mean loss minus the challenger's: positive if the challenger is better."""
    variance: Floats
    """The variance of the difference, linearised as a ratio, with the divisor n_blocks."""
    lean: Floats
    """The linear coefficient of that variance in the tested difference; 0 if all blocks weigh the same."""
    effective_blocks: Floats
    """The effective number of blocks: (sum of weights)² / sum of squares (Kish 1965)."""
    inflation: Floats
    """1 + twice the correlation of neighbouring blocks if that is positive, else 1."""


def contrast(champion: Totals, challenger: Totals) -> Contrast:
    """Compare within each block, so that effects shared by a block's rows cancel, and add up.

    A block weighs n m / (n + m), the weights that Mantel and Haenszel (1959, J. Natl. Cancer Inst.
    22:719) give to strata. So a share that changes over time causes no bias, and for pairs, where
    n = m, the result is the mean over pairs. Fields are NaN if fewer than two blocks have both models.
    """
    n, m = champion.n, challenger.n
    weights = n * m / np.maximum(n + m, 1.0)
    gaps = champion.losses / np.maximum(n, 1.0) - challenger.losses / np.maximum(m, 1.0)
    n_blocks = np.count_nonzero(weights, axis=-1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = weights / weights.sum(axis=-1, keepdims=True)
        difference = np.where(n_blocks >= 2, (shares * gaps).sum(axis=-1), np.nan)
        errors = shares * (gaps - difference[..., np.newaxis])
        variance = np.where(n_blocks >= 2, (errors**2).sum(axis=-1), np.nan)
        neighbours = (errors[..., 1:] * errors[..., :-1]).sum(axis=-1)
        correlation = np.where(variance > 0, neighbours / variance, 0.0)
        return Contrast(
            n_blocks=n_blocks,
            difference=difference,
            variance=variance,
            lean=(shares * errors).sum(axis=-1),
            effective_blocks=np.where(n_blocks >= 2, 1 / (shares**2).sum(axis=-1), np.nan),
            inflation=1 + 2 * np.maximum(correlation, 0.0),
        )


def single_look(contrast: Contrast, alpha: float) -> tuple[Floats, Floats]:
    """Return low and high of the Student t interval for a single planned look."""
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = contrast.n_blocks - 1
        variance = contrast.inflation * contrast.variance * contrast.n_blocks / freedom
        half = stdtrit(freedom, 1 - alpha / 2) * np.sqrt(variance)
    return contrast.difference - half, contrast.difference + half


def every_look(contrast: Contrast, alpha: float, tuned_blocks: float) -> tuple[Floats, Floats]:
    """Return low and high of a confidence sequence: all its intervals hold at once with 1 - alpha.

    It is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
    (2024, Annals of Statistics 52:2613, Theorem 2.2), with one change for few blocks: as in a score
    test, not a Wald test, a value is kept if it is within the boundary by the variance around that
    value, not around the mean. This has the same limit. Infinite if there are too few blocks.
    """
    squared = contrast.inflation * boundary(contrast.effective_blocks, alpha, tuned_blocks) ** 2
    # d is kept where d² <= squared (variance + 2 lean d + d² / effective_blocks).
    with np.errstate(invalid="ignore", divide="ignore"):
        room = 1 - squared / contrast.effective_blocks
        middle = squared * contrast.lean / room
        half = np.sqrt(middle**2 + squared * contrast.variance / room)
    finite = room > 0
    low = np.where(finite, contrast.difference - middle - half, -np.inf)
    high = np.where(finite, contrast.difference - middle + half, np.inf)
    return low, high


def blocks_needed(
    contrast: Contrast, alpha: float, tuned_blocks: float, horizon: int
) -> int | None:
    """Return the total number of blocks after which the sequence excludes 0, None beyond `horizon`.

    A forecast for one experiment: it assumes the same difference and spread, and equal weights.
    """
    t = np.arange(1.0, horizon + 1)
    squared = contrast.inflation * boundary(t, alpha, tuned_blocks) ** 2
    spread = contrast.variance * contrast.n_blocks
    enough = t * contrast.difference**2 > squared * (spread + contrast.difference**2)
    return int(t[enough][0]) if enough.any() else None


def boundary(t: Floats, alpha: float, tuned_blocks: float) -> Floats:
    """Return the boundary of Robbins' normal mixture for a mean of t values, in standard errors.

    sqrt(2 (x + 1) / x log(sqrt(x + 1) / alpha)) with x = t rho², the half-width of Theorem 2.2 in
    units of sigma / sqrt(t).
    """
    x = t * tuning(alpha) / tuned_blocks
    return np.asarray(np.sqrt((x + 1) / x * (np.log(x + 1) - 2 * math.log(alpha))))


def tuning(alpha: float) -> float:
    """Return the rho² t for which the boundary is narrowest at t.

    The root of x = log(x + 1) - 2 log(alpha), where the derivative of the boundary by x is zero;
    one step of this iteration is the paper's approximation (its Appendix B).
    """
    x = -2 * math.log(alpha)
    for _ in range(50):  # a contraction by 1 / (x + 1)
        x = math.log(x + 1) - 2 * math.log(alpha)
    return x


def share_evidence(n_challenger: int, n: int, share: float) -> float:
    """Return the evidence, a likelihood ratio, against keys going to the challenger with chance `share`.

    If the declared share is true, the chance that it ever exceeds 1 / a is at most a, at any number of
    looks: a likelihood ratio against a Beta mixture (Lindon and Malek 2022, NeurIPS, "Anytime-valid inference
    for multinomial count data"). `share` is inside (0, 1).
    """
    hits, misses = PRIOR_KEYS * share, PRIOR_KEYS * (1 - share)
    n_champion = n - n_challenger
    log_ratio = (
        _log_beta(hits + n_challenger, misses + n_champion)
        - _log_beta(hits, misses)
        - n_challenger * math.log(share)
        - n_champion * math.log1p(-share)
    )
    return math.exp(min(log_ratio, 700.0))  # below what overflows


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
