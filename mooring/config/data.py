"""conf/data: the sources, the SELECT that joins them, and the rules that every row must keep."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from mooring.config.metric import Task
from mooring.config.section import Section, Strict
from mooring.config.sources import Source

Fraction = Annotated[float, Field(ge=0, le=1)]


class _Column(Strict):
    description: str
    max_null_frac: Fraction = 0.0
    """The largest share of missing values, 0 to 1."""


class NumberColumn(_Column):
    """A number; stored, trained on and served as float64."""

    kind: Literal["number"]
    unit: str
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "NumberColumn":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min at most max, got {self.min:g} > {self.max:g}")
        return self


class CategoryColumn(_Column):
    """A text from a closed or an open set.

    `categories` is a rule for each row: training and the scorer refuse other texts. Without it, `open` says
    what an unseen text means: if true, new texts are expected, such as a new airport, and drift judges them
    like any other change; if false, they are a data problem.
    """

    kind: Literal["category"]
    categories: tuple[str, ...] | None = None
    """The allowed texts; null allows any."""
    open: bool = False
    """Whether texts that are new since training are drift of the column; if false, a data problem."""
    max_length: int = Field(default=100, gt=0)

    @model_validator(mode="after")
    def _either(self) -> "CategoryColumn":
        if self.open and self.categories is not None:
            raise ValueError("categories or open: true, not both: a list of categories is closed")
        return self


Column = Annotated[NumberColumn | CategoryColumn, Field(discriminator="kind")]


class Time(Strict):
    """The prediction time of a row. Stored in UTC; days are calendar days in `zone`."""

    column: str
    zone: str

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("an IANA time zone, such as America/New_York or UTC") from error
        return zone


class Target(Strict):
    """What is predicted: 0 or 1 for classification, a number for regression; missing means no label yet."""

    column: str
    description: str
    unit: str


class Data(Section):
    """One table to learn from: its sources, its query and its columns."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    task: Task
    query: str = Field(pattern=r"^conf/data/[A-Za-z0-9_]+\.sql$")
    sources: dict[str, Source] = Field(min_length=1)
    key: str
    """The column that identifies a row; its values are unique."""
    time: Time | None
    target: Target
    columns: dict[str, Column] = Field(min_length=1)
    """The input columns of a request; every value must be known at prediction time."""

    @property
    def open_columns(self) -> frozenset[str]:
        """The category columns in which new texts are expected."""
        columns = self.columns.items()
        return frozenset(
            name for name, column in columns if isinstance(column, CategoryColumn) and column.open
        )

    @model_validator(mode="after")
    def _distinct(self) -> "Data":
        roles = [self.key, self.target.column] + ([self.time.column] if self.time else [])
        for column in roles:
            if column in self.columns or roles.count(column) > 1:
                raise ValueError(f"column {column} in one role only: key, time, target or input")
        for name in (*self.columns, *roles):
            if not name.isprintable() or not name or set(name) & {'"', "\\"}:
                raise ValueError(f"printable column names without quotes, got {name!r}")
        return self
