"""conf/window: the rows to train on and the rows to test on. The only file a retraining bot may edit."""

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mooring.config.section import Strict, UnionSection


class TimeWindow(Strict):
    """Train on whole days, skip the embargo, test on the days after it, in the data's time zone."""

    kind: Literal["time"]
    train_start: datetime.date
    train_end: datetime.date
    """The first day after the train window."""
    embargo_days: int = Field(ge=0, le=3650)
    """The days between the train and the test window, so that every training label has arrived."""
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
    """Draw the test rows by a seeded hash of the row key, so that a row always stays on its side."""

    kind: Literal["random"]
    test_frac: float = Field(gt=0, lt=1)


class GroupedWindow(Strict):
    """Draw whole groups by a seeded hash of one column, so that a group is never on both sides."""

    kind: Literal["grouped"]
    test_frac: float = Field(gt=0, lt=1)
    column: str


class Window(
    UnionSection[Annotated[TimeWindow | RandomWindow | GroupedWindow, Field(discriminator="kind")]]
):
    """The split into train and test rows."""
