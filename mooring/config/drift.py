"""conf/drift: the reference that serving is compared with, and when a difference is an alarm."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from mooring.config.section import Section, Strict

MOST_SEGMENTS = 50
"""Each segment costs as much as another profile of its rows, in the scorer too."""


class Persistence(Strict):
    """How often an alarm must come before it is confirmed."""

    alarms: int = Field(ge=1)
    """How many of the last `looks` must alarm."""
    looks: int = Field(ge=1)
    """How many windows (for quality, days) count: the newest, and those before it that share no day."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.alarms > self.looks:
            raise ValueError("no more alarms than looks")
        return self


class Quality(Strict):
    """The smallest shares that count as a data problem, beyond the shares in the reference."""

    unseen_frac: float = Field(gt=0, le=1)
    """The share of a day's or a window's rows with a category that the reference does not have."""
    null_frac: float = Field(gt=0, le=1)
    """The share of a day's rows with a missing value, beyond the reference's share."""
    inf_frac: float = Field(gt=0, le=1)
    """The share of a day's rows with an infinite value, beyond the reference's share."""
    absent_frac: float = Field(gt=0, le=1)
    """The share of a day's rows that were sent without the column."""
    volume_frac: float = Field(gt=0, lt=1)
    """The share of a usual day's rows that is missing, or of a day's rows that is surplus."""


class Drift(Section):
    """How the reference profiles are made, and when serving has drifted from them."""

    reference_folds: int = Field(ge=2)
    """The number of cross-fitting folds of days; each is scored by a model fitted on the others."""
    reference_blocks: int = Field(ge=2)
    """The number of reference profiles for data without time: seeded blocks of rows instead of days."""
    window_days: int = Field(ge=1)
    """The length of a window in days; in blocks of rows for data without time."""
    alpha: float = Field(gt=0, lt=0.5)
    """The false-alarm rate: per window for inputs and scores, per day for data quality. Thresholds are
    calibrated on the reference's own days."""
    n_draws: int = Field(ge=100)
    """The number of random windows drawn from the reference's days to calibrate thresholds."""
    min_rows: int = Field(ge=1)
    """The fewest rows of a window that can be judged; a day needs its share of them."""
    informs_effect: float = Field(gt=0, lt=1)
    """The smallest effect that can alarm, beyond the usual variation: 0 to 1 for every measure."""
    retrains_effect: float = Field(gt=0, lt=1)
    """The smallest effect that, once confirmed, can lead to `retrain`."""
    persistence: Persistence
    """What confirms an alarm: the last windows for drift, the last days for quality."""
    quality: Quality
    segments: dict[str, tuple[str, ...]]
    """By category column, the values whose rows are also profiled and judged separately."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.retrains_effect < self.informs_effect:
            raise ValueError("retrains_effect no less than informs_effect")
        return self

    @field_validator("segments")
    @classmethod
    def _few(cls, segments: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        values = [value for named in segments.values() for value in named]
        twice = any(len(set(named)) < len(named) for named in segments.values())
        if twice or "" in values or len(values) > MOST_SEGMENTS:
            raise ValueError(
                f"distinct, non-empty texts for each column, at most {MOST_SEGMENTS} in all"
            )
        return segments
