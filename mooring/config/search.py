"""conf/search: the hyperparameter search."""

from typing import Annotated, Literal

from pydantic import Field

from mooring.config.metric import Metric
from mooring.config.section import Strict, UnionSection


class NoSearch(Strict):
    """Train with the parameters of conf/model as they are."""

    kind: Literal["none"]


class TpeSearch(Strict):
    """Search the space of conf/model with a tree-structured Parzen estimator and median pruning."""

    kind: Literal["tpe"]
    metric: Metric
    n_trials: int = Field(gt=0)
    n_startup_trials: int = Field(ge=1)
    """The number of random trials before the estimator proposes any and before any is pruned."""
    n_folds: int = Field(ge=2)
    """The number of folds of the train window: forward in time if the data has time, else seeded."""
    url_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    """The environment variable that holds a database URL to share among workers; unset: local SQLite."""


class Search(UnionSection[Annotated[NoSearch | TpeSearch, Field(discriminator="kind")]]):
    """The hyperparameter search: none, or tpe."""
