"""conf/features: the derived columns, and the transformer of each column."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mooring.config.section import Section, Strict

Columns = Annotated[tuple[str, ...], Field(min_length=1)]


class NumericGroup(Strict):
    """Numbers that are treated alike: imputed, then scaled or binned."""

    columns: Columns
    impute: Literal["none", "mean", "median", "zero"]
    """`none` hands missing values to the model, which must take them."""
    indicator: bool
    """Add a column that says where a value was missing in training."""
    scale: Literal["none", "standard", "robust", "minmax"]
    bins: int | None = Field(ge=2)
    """Cut into this many quantile bins instead of scaling."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.bins and self.scale != "none":
            raise ValueError("either bins or a scale, not both")
        if self.impute == "none" and (self.bins or self.indicator):
            raise ValueError("an impute strategy wherever bins or indicator is used")
        return self


class CategoryGroup(Strict):
    """Categories that are treated alike. Missing is a category of its own; unseen is always handled."""

    columns: Columns
    encode: Literal["onehot", "ordinal", "target"]
    """Unseen becomes: the infrequent bucket (onehot), -1 (ordinal), the mean target (target)."""
    min_frac: float | None = Field(gt=0, lt=1)
    """Categories rarer than this share of the rows are put together (onehot and ordinal)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.encode == "target" and self.min_frac is not None:
            raise ValueError(
                "min_frac: null where encode is target, which smooths rare categories itself"
            )
        return self


class Features(Section):
    """How a row becomes what the model sees."""

    derived: tuple[str, ...]
    """Names of functions in mooring/features/derived.py."""
    numeric: tuple[NumericGroup, ...]
    categorical: tuple[CategoryGroup, ...]

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """The columns of the model's `numeric` input, in order."""
        return tuple(name for group in self.numeric for name in group.columns)

    @property
    def categorical_columns(self) -> tuple[str, ...]:
        """The columns of the model's `category` input, in order."""
        return tuple(name for group in self.categorical for name in group.columns)

    @model_validator(mode="after")
    def _once(self) -> Self:
        used = [*self.numeric_columns, *self.categorical_columns]
        twice = sorted({name for name in used if used.count(name) > 1})
        if twice:
            raise ValueError(f"each column in one group, got twice: {', '.join(twice)}")
        if not used:
            raise ValueError("at least one column")
        return self
