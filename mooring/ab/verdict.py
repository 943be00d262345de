"""Judge a challenger by the labels that arrived: the difference, its uncertainty, and the verdict.

In: joined rows and the terms of the comparison. Out: a `Comparison`, whose `plain` is the JSON.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from mooring.ab.joining import Design, Dropped, Joined
from mooring.ab.totals import number, totals
from mooring.metrics.losses import LOSSES_OF_TASK, Loss, row_losses
from mooring.metrics.sequential import (
    MIN_BLOCKS,
    blocks_needed,
    contrast,
    every_look,
    share_evidence,
    single_look,
)
from mooring.metrics.weighted import statistic

Verdict = Literal["merge", "do_not_merge", "cannot_tell"]
MAX_SHARE_EVIDENCE = 1000.0
"""Beyond it, keys are not split by the declared share: one false alarm in 1,000 comparisons."""
FORECAST_BLOCKS = 1000
"""How far ahead the end of a comparison is forecast."""


@dataclass(frozen=True)
class Terms:
    """What is compared, and how certain it must be."""

    loss: Loss
    threshold: float | None
    alpha: float
    tuned_blocks: float
    """The number of blocks at which the sequence is narrowest."""
    zone: str | None
    """The time zone of the blocks, which are days; None if the data has no time."""
    challenger_share: float | None
    """The declared share of keys that the challenger answers, 0 to 1."""


@dataclass(frozen=True)
class Arm:
    """One model's side of the comparison."""

    model: str
    """Its digest."""
    predictions: int
    labelled: int
    coverage: float | None
    """labelled / predictions."""
    loss: float | None
    """The mean over labelled rows."""
    roc_auc: float | None
    """Descriptive: the verdict does not use it."""


@dataclass(frozen=True)
class Comparison:
    """The result; a figure is None if it is undefined."""

    verdict: Verdict
    reason: str
    design: Design
    metric: Loss
    alpha: float
    champion: Arm
    challenger: Arm
    block: Literal["day", "100 rows"]
    n_blocks: int
    """Blocks in which both models have labelled rows."""
    min_blocks: int
    blocks_needed: int | None
    """The total, if the difference and its spread stay as they are."""
    difference: float | None
    """Positive if the challenger is better."""
    single_look: tuple[float, float] | None
    every_look: tuple[float, float] | None
    challenger_share: float | None
    """The observed share of keys, for a log without pairs."""
    share_evidence: float | None
    """The evidence against the declared share, as a factor."""
    dropped: Dropped

    def plain(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return asdict(self)


def compare(joined: Joined, terms: Terms) -> Comparison:
    """Compare the models on the labelled rows. Raises ModelError if a label is not of the task."""
    rows = joined.rows[joined.rows["label"].notna()]
    losses = row_losses(terms.loss, *_numbers(rows), terms.threshold)
    challenger = rows["challenger"].to_numpy(dtype=bool)
    difference = contrast(*totals(number(rows, terms.zone), challenger, losses))
    arms = [_arm(joined, losses[challenger == which], which, terms) for which in (False, True)]
    share, evidence = _share(joined, arms, terms)
    sequence = _interval(every_look(difference, terms.alpha, terms.tuned_blocks))
    verdict, reason = judge(int(difference.n_blocks), sequence, evidence)
    return Comparison(
        verdict=verdict,
        reason=reason,
        design=joined.design,
        metric=terms.loss,
        alpha=terms.alpha,
        champion=arms[0],
        challenger=arms[1],
        block="100 rows" if terms.zone is None else "day",
        n_blocks=int(difference.n_blocks),
        min_blocks=MIN_BLOCKS,
        blocks_needed=blocks_needed(difference, terms.alpha, terms.tuned_blocks, FORECAST_BLOCKS),
        difference=_defined(difference.difference),
        single_look=_interval(single_look(difference, terms.alpha)),
        every_look=sequence,
        challenger_share=share,
        share_evidence=evidence,
        dropped=joined.dropped,
    )


def judge(
    n_blocks: int, sequence: tuple[float, float] | None, share_evidence: float | None
) -> tuple[Verdict, str]:
    """Return the verdict and its reason."""
    if share_evidence is not None and share_evidence > MAX_SHARE_EVIDENCE:
        return "cannot_tell", "Keys are not split as declared, so the rows are not comparable."
    if n_blocks < MIN_BLOCKS:
        return "cannot_tell", f"{n_blocks} blocks with labels for both, fewer than {MIN_BLOCKS}."
    if sequence is None:
        return "cannot_tell", "A few blocks outweigh the others: too few blocks would count."
    if sequence[0] > 0:
        return "merge", "The challenger is better at every difference in the confidence sequence."
    if sequence[1] < 0:
        return (
            "do_not_merge",
            "The challenger is worse at every difference in the confidence sequence.",
        )
    return "cannot_tell", "The confidence sequence includes 0: either may be better."


def _numbers(rows: pd.DataFrame) -> tuple[Any, Any]:
    return rows["label"].to_numpy(np.float64), rows["score"].to_numpy(np.float64)


def _arm(joined: Joined, losses: Any, which: bool, terms: Terms) -> Arm:
    rows = joined.rows[joined.rows["challenger"] == which]
    labels, scores = _numbers(rows[rows["label"].notna()])
    ranked = terms.loss in LOSSES_OF_TASK["classification"] and len(labels)
    units = np.zeros(len(labels), dtype=np.int64)
    auc = statistic("roc_auc", labels, scores, units).at(np.ones(1, np.int64)) if ranked else None
    return Arm(
        model=joined.models[which],
        predictions=len(rows),
        labelled=len(labels),
        coverage=len(labels) / len(rows) if len(rows) else None,
        loss=_defined(losses.mean()) if len(losses) else None,
        roc_auc=None if auc is None else _defined(auc),
    )


def _share(joined: Joined, arms: list[Arm], terms: Terms) -> tuple[float | None, float | None]:
    n = sum(arm.predictions for arm in arms)
    if joined.design == "paired" or not n:
        return None, None
    n_challenger, declared = arms[1].predictions, terms.challenger_share
    evidence = None if declared is None else share_evidence(n_challenger, n, declared)
    return n_challenger / n, evidence


def _defined(value: Any) -> float | None:
    return float(value) + 0.0 if math.isfinite(value) else None  # no -0.0


def _interval(bounds: tuple[Any, Any]) -> tuple[float, float] | None:
    low, high = (_defined(bound) for bound in bounds)
    return None if low is None or high is None else (low, high)
