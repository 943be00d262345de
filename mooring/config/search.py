"""conf/search: how far to look for better model parameters."""

from typing import Annotated, Literal

from pydantic import Field

from mooring.config.metric import Metric
from mooring.config.section import Strict, UnionSection


class NoSearch(Strict):
    """Train with the parameters of conf/model as they are."""

    kind: Literal["none"]


class TpeSearch(Strict):
    """Tree-structured Parzen estimator over the space in conf/model, pruned at the median."""

    kind: Literal["tpe"]
    metric: Metric
    n_trials: int = Field(gt=0)
    n_startup_trials: int = Field(ge=1)
    """Trials drawn at random before the estimator steers, and before any is pruned."""
    n_folds: int = Field(ge=2)
    """Folds of the train window: forward in time where the data has time, seeded otherwise."""
    url_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    """Environment variable that may name a database URL, for many workers; unset means local SQLite."""


class Search(UnionSection[Annotated[NoSearch | TpeSearch, Field(discriminator="kind")]]):
    """How far to look for better model parameters."""
