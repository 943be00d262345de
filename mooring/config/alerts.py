"""conf/alerts: who is told what a look at serving found, and how long silence may last."""

from typing import Annotated, Literal

from pydantic import Field

from mooring.config.section import Section, Strict

Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
"""The name of an environment variable: conf/ holds neither a secret nor a machine's address."""


class Webhook(Strict):
    """The address that is sent a message when a verdict matters. No address, no message."""

    form: Literal["json", "slack"]
    """A signed document for programs, or the text that Slack and what is compatible with it shows."""
    url_env: Variable
    secret_env: Variable
    """The key of the signature; needed for json, used for slack if it is set."""
    verdicts: tuple[Literal["watch", "retrain", "fix_data", "cannot_tell"], ...]
    """Those that are told of."""
    cooldown_h: float = Field(ge=0)
    """After a message about a model, so long no other but of a worse verdict."""
    timeout_s: float = Field(gt=0, le=300)
    """Of one attempt, for each wait on the network."""
    attempts: int = Field(ge=1, le=20)
    """A receiver that answers 429 or 5xx, or not at all, is asked so many times."""
    backoff_s: float = Field(gt=0, le=60)
    """Before the second attempt; twice as long before each further one."""


class Rules(Strict):
    """The limits of the alert rules, which `mooring alerts` writes for Prometheus."""

    job_silence_h: int = Field(ge=1)
    """A drift job whose last success is older has not run; its verdict is no longer alerted on."""
    profile_silence_h: int = Field(ge=1)
    """At the job's last success no model's newest profile may be older."""
    label_silence_h: int = Field(ge=1)
    """The same for the newest label."""
    pending_m: int = Field(ge=1)
    """How long a condition holds before its alert fires."""


class Alerts(Section):
    """Gauges, alert rules and messages made of a drift report."""

    runbooks: str = Field(pattern=r"^[^\s<>|]*[^\s<>|/]$")
    """Where the pages of docs/runbooks are: their path in this repository, or their address on a forge."""
    textfile_env: Variable
    """Of the directory from which node_exporter's textfile collector reads."""
    pushgateway_env: Variable
    """Of a Pushgateway's URL."""
    push_timeout_s: float = Field(gt=0, le=300)
    webhook: Webhook
    rules: Rules
