"""conf/report: what the evaluation looks at besides the whole test window."""

from pydantic import Field

from mooring.config.section import Section


class Report(Section):
    """Slices, thresholds and importances."""

    slices: tuple[str, ...]
    """Input columns whose values are looked at one by one."""
    min_slice_rows: int = Field(gt=1)
    """Smaller slices are put together as `(other)`."""
    threshold: float | None
    """Scores at or above it are decided positive; null for regression."""
    n_bins: int = Field(ge=2, le=100)
    """Equal-count bins of the calibration curve and its error."""
    importance_repeats: int = Field(ge=1)
    importance_rows: int = Field(ge=100)
    """Rows that each permutation is measured on, drawn with the seed."""
