"""conf/report: what the evaluation measures besides the whole test window."""

from pydantic import Field

from mooring.config.section import Section


class Report(Section):
    """Slices, thresholds and importances."""

    slices: tuple[str, ...]
    """Input columns to slice by, one slice for each value."""
    min_slice_rows: int = Field(gt=1)
    """The fewest rows of a slice; smaller ones are grouped as `(other)`."""
    threshold: float | None
    """The decision threshold: scores at or above it count as positive; null for regression."""
    n_bins: int = Field(ge=2, le=100)
    """The number of equal-count bins of the calibration curve and its error."""
    importance_repeats: int = Field(ge=1)
    importance_rows: int = Field(ge=100)
    """The number of rows, drawn with the seed, that each permutation is measured on."""
