"""conf/drift: the reference that serving is judged against, and when a difference is an alarm."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from mooring.config.section import Section, Strict

MOST_SEGMENTS = 50
"""Each costs as much as a profile of its rows, in the scorer too."""


class Persistence(Strict):
    """How often an alarm must come before it is confirmed."""

    alarms: int = Field(ge=1)
    """Looks with an alarm,"""
    looks: int = Field(ge=1)
    """of this many: the newest, and those before that share no day with it or each other."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.alarms > self.looks:
            raise ValueError("no more alarms than looks")
        return self


class Quality(Strict):
    """The least that is a data problem, beyond what the reference has."""

    unseen_frac: float = Field(gt=0, le=1)
    """Of a day's rows, or of a window's, with a category that the reference has none of."""
    null_frac: float = Field(gt=0, le=1)
    """Of a day's rows, missing; beyond the reference's share."""
    inf_frac: float = Field(gt=0, le=1)
    """Of a day's rows, infinite; beyond the reference's share."""
    absent_frac: float = Field(gt=0, le=1)
    """Of a day's rows, in which the column was not there at all."""
    volume_frac: float = Field(gt=0, lt=1)
    """Of a usual day's rows that do not come; or of a day's rows that are more than usual."""


class Drift(Section):
    """How the reference profiles are made, and when serving differs from them."""

    reference_folds: int = Field(ge=2)
    """Blocks of days; each is scored by a model fitted on the others."""
    reference_blocks: int = Field(ge=2)
    """Profiles to make where the data has no time: seeded blocks of rows in place of days."""
    window_days: int = Field(ge=1)
    """Days of a window; blocks of rows where the data has no time."""
    alpha: float = Field(gt=0, lt=0.5)
    """The chance of an alarm in a window where nothing has changed, in the inputs or the scores; in
    quality, on a day. Thresholds are set so that the reference's own days keep it."""
    n_draws: int = Field(ge=100)
    """Windows drawn from the reference's days, at random, to set thresholds by."""
    min_rows: int = Field(ge=1)
    """A window of fewer rows cannot be judged, nor a day of less than its share of them."""
    informs_effect: float = Field(gt=0, lt=1)
    """The least difference that is an alarm, beyond what is usual: 0 to 1, whatever the measure."""
    retrains_effect: float = Field(gt=0, lt=1)
    """The least difference that, when confirmed, may propose retraining."""
    persistence: Persistence
    """Confirms an alarm: of windows for drift, of days for quality."""
    quality: Quality
    segments: dict[str, tuple[str, ...]]
    """Values of category columns whose rows are profiled and judged by themselves too, by column."""

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
                f"of each column values that are texts, once each, {MOST_SEGMENTS} in all"
            )
        return segments
