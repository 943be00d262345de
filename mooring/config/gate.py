"""conf/gate: what a challenger must show before it may replace the champion."""

from pydantic import Field

from mooring.config.metric import Metric
from mooring.config.section import Section


class Gate(Section):
    """The rules behind the verdict `merge`, `do_not_merge` or `cannot_tell`."""

    metric: Metric
    """The metric that decides."""
    floors: dict[Metric, float]
    """The worst value of each metric that may be merged at all: a minimum where higher is better."""
    margin: float = Field(ge=0)
    """How much worse than the champion is still good enough, in units of the metric."""
    slice_margin: float = Field(ge=0)
    """The same, for each slice of conf/report."""
    confidence: float = Field(gt=0.5, lt=1)
    """Of the two-sided interval of the difference."""
    n_resamples: int = Field(ge=100)
    """Bootstrap resamples, of days where the data has time, of rows otherwise."""
    min_rows: int = Field(gt=0)
    """Fewer labelled test rows give `cannot_tell`."""
    parity_atol: float = Field(gt=0)
    """The largest difference of a compiled from a fitted prediction; beyond it the graph fails."""
