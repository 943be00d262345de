"""conf/serving: request limits, admission, missing and unseen values, the A/B comparison, and the
prediction log and profiles."""

from typing import Annotated, Literal

from pydantic import Field

from mooring.config.section import Section, Strict

Policy = Literal["score", "refuse"]


class Limits(Strict):
    """The largest request that is accepted; a larger one is answered 413 or 422 before scoring."""

    body_bytes: int = Field(ge=1024, le=2**30)
    """The largest body, before and after decompression; beyond it 413."""
    rows: int = Field(ge=1)
    body_timeout_s: float = Field(gt=0, le=300)
    """The time limit from the first byte of a body to its last."""


class Admission(Strict):
    """How many requests each worker admits; it refuses the rest at once, so that latency stays flat."""

    open_requests: int = Field(ge=1)
    """The most requests that are being read or scored; beyond it 503."""
    open_requests_per_client: int = Field(ge=1)
    """The most open requests of one client; beyond it 429."""
    client_header: str | None = Field(default=None, pattern=r"^[a-z0-9-]+$")
    """The header in which a trusted proxy names the client; null uses the peer's address."""
    waiting_requests: int = Field(ge=1)
    """The most requests that are queued for scoring; beyond it 503."""
    retry_after_s: int = Field(ge=1, le=3600)


class Split(Strict):
    """One of the two models answers each row, chosen by a hash of its key: always the same model."""

    mode: Literal["split"]
    challenger_share: float = Field(gt=0, lt=1)
    """The challenger's share of the keys, 0 to 1. A larger share includes the keys of a smaller one."""


class Shadow(Strict):
    """The champion answers; the challenger scores the same rows, for the log only."""

    mode: Literal["shadow"]


Comparison = Annotated[Split | Shadow, Field(discriminator="mode")]


class Records(Strict):
    """The prediction log and the profiles, which each worker writes off the request path.

    The environment variable MOORING_STORE says where, since conf/ names no machine.
    """

    buffer_rows: int = Field(ge=1)
    """The most rows that each worker buffers; it answers further rows, but only counts them."""
    flush_rows: int = Field(ge=1)
    """The number of buffered rows that triggers a write."""
    flush_s: float = Field(gt=0)
    """The longest time that buffered rows wait for a write."""
    drain_s: float = Field(gt=0)
    """How long a worker may take to write its last rows when it stops."""


class Serving(Section):
    """The policies and limits of the scorer."""

    missing: Policy
    """Whether to score (and count) or refuse a null in a column that the model imputes."""
    unseen: Policy
    """Whether to score (and count) or refuse a category that training has not seen. It concerns columns
    without a list of categories; where they are `open`, new ones are always scored."""
    limits: Limits
    admission: Admission
    comparison: Comparison | None
    """Whether to compare this commit's model with production's champion; null serves this commit's alone."""
    records: Records
