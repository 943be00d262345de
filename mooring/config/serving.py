"""conf/serving: what a server accepts, how much of it at once, and what it does with odd values."""

from typing import Literal

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
    """How much may wait; beyond it the answer is 503 at once, so that latency stays flat."""

    waiting_requests: int = Field(ge=1)
    """In each worker, besides the one that is scored."""
    retry_after_s: int = Field(ge=1, le=3600)


class Serving(Section):
    """The policies and limits of the scorer."""

    missing: Policy
    """A null where the model has an imputed value: scored and counted, or refused."""
    unseen: Policy
    """A category that no training row had, in a column of an open set: scored and counted, or refused."""
    limits: Limits
    admission: Admission
