"""conf/outcomes: how a served model is judged by the labels that came late."""

from pydantic import Field

from mooring.config.section import Section


class Outcomes(Section):
    """The tables of outcomes, and what it takes to call a model worse."""

    bins: int = Field(ge=20, le=1000)
    """Of a classifier's scores in each table: fixed by the reference."""
    label_delay_days: float = Field(ge=0)
    """After it a label should be there; younger predictions are left out, labelled or not, since
    labels that come early differ from the others."""
    min_coverage: float = Field(gt=0, le=1)
    """Labelled predictions as a share of those that are old enough; fewer give `cannot_tell`."""
    min_rows: int = Field(gt=0)
    """Fewer labelled rows in a window give `cannot_tell`."""
    alpha: float = Field(gt=0, lt=0.5)
    """Chance that a window of a model that is as it was is called worse, over all its figures."""
    min_effect: float = Field(ge=0)
    """The smallest loss that is called worse: of the skill (AUC above one half), of the mean loss, or,
    for the bias, of the target's standard deviation; 0.1 is a tenth."""
    n_draws: int = Field(ge=200)
    """Windows of random reference days that the limits are drawn from."""
    n_resamples: int = Field(ge=100)
    """Bootstrap resamples of the window's days, for the intervals."""
    confidence: float = Field(gt=0.5, lt=1)
    """Of the intervals."""
