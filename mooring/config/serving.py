"""conf/serving: what a server accepts, how much of it at once, what it does with odd values, which
models it compares, and how it keeps its records."""

from typing import Annotated, Literal

from pydantic import Field

from mooring.config.section import Section, Strict

Policy = Literal["score", "refuse"]


class Limits(Strict):
    """The largest request that is read; beyond it the answer is 413 or 422, before any scoring."""

    body_bytes: int = Field(ge=1024, le=2**30)
    """Also the limit of what a compressed body may grow to."""
    rows: int = Field(ge=1)
    body_timeout_s: float = Field(gt=0, le=300)
    """From the first byte of a body to its last."""


class Admission(Strict):
    """How much may be under way in each worker; beyond it the answer comes at once, so that latency
    stays flat."""

    open_requests: int = Field(ge=1)
    """Requests whose body is read or that wait for their scores; beyond it 503."""
    open_requests_per_client: int = Field(ge=1)
    """The same for one client; beyond it 429."""
    client_header: str | None = Field(default=None, pattern=r"^[a-z0-9-]+$")
    """The header in which a trusted proxy names the client; null means the address of the peer."""
    waiting_requests: int = Field(ge=1)
    """Requests that wait for their scores besides those that are being scored; beyond it 503."""
    retry_after_s: int = Field(ge=1, le=3600)


class Split(Strict):
    """Each row is answered by one of the two models: by a hash of its key, so always by the same."""

    mode: Literal["split"]
    challenger_share: float = Field(gt=0, lt=1)
    """Of the keys, 0 to 1. A larger share keeps the keys of a smaller one."""


class Shadow(Strict):
    """The champion answers; the challenger scores the same rows, which is logged and never returned."""

    mode: Literal["shadow"]


Comparison = Annotated[Split | Shadow, Field(discriminator="mode")]


class Records(Strict):
    """The prediction log and the profiles, which each worker writes off the path of requests.

    Where they go is said by the environment variable MOORING_STORE, since conf/ names no machine.
    """

    buffer_rows: int = Field(ge=1)
    """In each worker; a row beyond it is answered, dropped from the records, and counted."""
    flush_rows: int = Field(ge=1)
    """So many rows are written as soon as they are there."""
    flush_s: float = Field(gt=0)
    """Fewer rows are written after so many seconds."""
    drain_s: float = Field(gt=0)
    """How long a worker that is told to stop may take for the last rows."""


class Serving(Section):
    """The policies and limits of the scorer."""

    missing: Policy
    """A null where the model has an imputed value: scored and counted, or refused."""
    unseen: Policy
    """A category that no training row had, in a column of an open set: scored and counted, or refused."""
    limits: Limits
    admission: Admission
    comparison: Comparison | None
    """Of this commit's model, the challenger, with production's champion; null serves this commit's."""
    records: Records
