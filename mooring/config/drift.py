"""conf/drift: the reference that serving is judged against."""

from pydantic import Field

from mooring.config.section import Section


class Drift(Section):
    """How the reference profiles are made."""

    reference_folds: int = Field(ge=2)
    """Blocks of days; each is scored by a model fitted on the others."""
    reference_blocks: int = Field(ge=2)
    """Profiles to make where the data has no time: seeded blocks of rows in place of days."""
