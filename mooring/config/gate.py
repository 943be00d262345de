"""conf/gate: the rules that a challenger must pass before it may replace the champion."""

from pydantic import Field

from mooring.config.metric import Metric
from mooring.config.section import Section


class Gate(Section):
    """The rules behind the verdict `merge`, `do_not_merge` or `cannot_tell`."""

    metric: Metric
    """The metric that decides."""
    floors: dict[Metric, float]
    """The worst acceptable value of each metric: a minimum if higher is better, else a maximum."""
    margin: float = Field(ge=0)
    """The non-inferiority margin: how much worse than the champion is acceptable, in the metric's units."""
    slice_margin: float = Field(ge=0)
    """The non-inferiority margin for each slice of conf/report."""
    confidence: float = Field(gt=0.5, lt=1)
    """The confidence level of the two-sided interval of the difference."""
    n_resamples: int = Field(ge=100)
    """The number of bootstrap resamples: of days if the data has time, else of rows."""
    min_rows: int = Field(gt=0)
    """The fewest labelled test rows for a verdict; with fewer it is `cannot_tell`."""
    parity_atol: float = Field(gt=0)
    """The tolerance between compiled and fitted predictions; beyond it the graph fails."""
