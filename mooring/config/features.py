"""conf/features: the derived columns, and the transformer of each column."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mooring.config.section import Section, Strict

Columns = Annotated[tuple[str, ...], Field(min_length=1)]


class NumericGroup(Strict):
    """Numeric columns with the same treatment: imputed, then scaled or binned."""

    columns: Columns
    impute: Literal["none", "mean", "median", "zero"]
    """`none` passes missing values to the model, which must accept them."""
    indicator: bool
    """Add a 0/1 column that marks missing values, for each column with missing values in training."""
    scale: Literal["none", "standard", "robust", "minmax"]
    bins: int | None = Field(ge=2)
    """The number of quantile bins; null scales instead."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.bins and self.scale != "none":
            raise ValueError("either bins or a scale, not both")
        if self.impute == "none" and (self.bins or self.indicator):
            raise ValueError("an impute strategy other than none, since bins or indicator is set")
        return self


class CategoryGroup(Strict):
    """Category columns with the same encoding. Missing is its own category; unseen values are accepted."""

    columns: Columns
    encode: Literal["onehot", "ordinal", "target"]
    """An unseen category becomes the infrequent bucket (onehot), -1 (ordinal) or the mean target (target)."""
    min_frac: float | None = Field(gt=0, lt=1)
    """Group categories rarer than this share of the rows (onehot and ordinal)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.encode == "target" and self.min_frac is not None:
            raise ValueError(
                "min_frac: null with encode: target, which smooths rare categories itself"
            )
        return self


class Features(Section):
    """How a row becomes the columns of the model."""

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
            raise ValueError(f"each column in one group only; in several: {', '.join(twice)}")
        if not used:
            raise ValueError("at least one column")
        return self
