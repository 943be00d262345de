"""conf/runtime: seed, threads and memory, on which a model's bytes depend besides data and code."""

from pydantic import Field

from mooring.config.section import Section


class Runtime(Section):
    """Seed, threads and memory. Model bytes differ between thread counts, so the count is pinned."""

    seed: int = Field(ge=0, lt=2**32)
    n_threads: int = Field(ge=1)
    memory_mb: int = Field(ge=128)
    """The memory limit of the query engine; beyond it DuckDB spills to disk."""
