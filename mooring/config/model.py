"""conf/model: the estimator, its parameters and the space in which to search for better ones."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mooring.config.metric import Task
from mooring.config.section import Section, Strict

Value = bool | int | float | str | None


class FloatRange(Strict):
    """A real number between two bounds."""

    kind: Literal["float"]
    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _refuse_disorder(self)
        return self


class IntRange(Strict):
    """A whole number between two bounds, both included."""

    kind: Literal["int"]
    low: int
    high: int
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _refuse_disorder(self)
        return self


class Choice(Strict):
    """One of several values."""

    kind: Literal["choice"]
    values: tuple[Value, ...] = Field(min_length=1)


def _refuse_disorder(bounds: FloatRange | IntRange) -> None:
    if bounds.low >= bounds.high:
        raise ValueError(f"low below high, got {bounds.low} and {bounds.high}")
    if bounds.log and bounds.low <= 0:
        raise ValueError(f"low above 0 where log is true, got {bounds.low}")


Space = Annotated[FloatRange | IntRange | Choice, Field(discriminator="kind")]


class Model(Section):
    """One scikit-learn estimator. Seed and thread count come from conf/runtime."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    task: Task
    estimator: str = Field(pattern=r"^sklearn\.[a-z_.]+\.[A-Za-z]+$")
    """The import path of the estimator; only scikit-learn is imported."""
    params: dict[str, Value]
    space: dict[str, Space]

    @model_validator(mode="after")
    def _no_runtime(self) -> Self:
        for name in ("random_state", "n_jobs"):
            if name in self.params or name in self.space:
                raise ValueError(f"no {name} here: conf/runtime sets the seed and the threads")
        return self
