"""conf/outcomes: how a served model's quality is judged from delayed labels."""

from pydantic import Field

from mooring.config.section import Section


class Outcomes(Section):
    """The histograms of scores by label, and when a model counts as worse."""

    bins: int = Field(ge=20, le=1000)
    """The number of bins of a classifier's scores; the reference fixes their edges."""
    label_delay_days: float = Field(ge=0)
    """How long a label takes. Younger predictions are left out even if labelled, since early labels
    are a biased sample."""
    min_coverage: float = Field(gt=0, le=1)
    """The smallest labelled share of the predictions old enough for a label; below it: `cannot_tell`."""
    min_rows: int = Field(gt=0)
    """The fewest labelled rows of a window; with fewer quality is `cannot_tell`."""
    alpha: float = Field(gt=0, lt=0.5)
    """The false-alarm rate of a window, over all metrics together."""
    min_effect: float = Field(ge=0)
    """The smallest relative loss that counts as worse, 0.1 for a tenth: of AUC above 0.5, of the mean
    loss, or (bias) of the target's standard deviation."""
    n_draws: int = Field(ge=200)
    """The number of random windows of reference days that calibrate the limits."""
    n_resamples: int = Field(ge=100)
    """The number of bootstrap resamples of the window's days, for the intervals."""
    confidence: float = Field(gt=0.5, lt=1)
    """The confidence level of the intervals."""
