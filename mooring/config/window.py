"""conf/window: which rows train and which test. The one file that a retraining bot may edit."""

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mooring.config.section import Strict, UnionSection


class TimeWindow(Strict):
    """Train on whole days, skip the embargo, test on the days after it; bounds in the data's zone."""

    kind: Literal["time"]
    train_start: datetime.date
    train_end: datetime.date
    """The first day that is not trained on."""
    embargo_days: int = Field(ge=0, le=3650)
    """Days left out between the two, so that no label of the train window is still open."""
    test_days: int = Field(gt=0, le=36500)

    @model_validator(mode="after")
    def _not_empty(self) -> "TimeWindow":
        if self.train_start >= self.train_end:
            raise ValueError(
                f"train_start before train_end, got {self.train_start} and {self.train_end}"
            )
        return self

    @property
    def test_start(self) -> datetime.date:
        """The first day of the test window."""
        return self.train_end + datetime.timedelta(days=self.embargo_days)

    @property
    def test_end(self) -> datetime.date:
        """The first day after the test window."""
        return self.test_start + datetime.timedelta(days=self.test_days)


class RandomWindow(Strict):
    """Draw the test rows by a seeded hash of the row key, so that a row keeps its side for ever."""

    kind: Literal["random"]
    test_frac: float = Field(gt=0, lt=1)


class GroupedWindow(Strict):
    """Draw whole groups, by a seeded hash of one column, so that no group is on both sides."""

    kind: Literal["grouped"]
    test_frac: float = Field(gt=0, lt=1)
    column: str


class Window(
    UnionSection[Annotated[TimeWindow | RandomWindow | GroupedWindow, Field(discriminator="kind")]]
):
    """Which rows train and which test."""
