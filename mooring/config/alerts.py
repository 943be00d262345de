"""conf/alerts: where drift verdicts are sent, and how long a job, profile or label may be silent."""

from typing import Annotated, Literal

from pydantic import Field

from mooring.config.section import Section, Strict

Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
"""The name of an environment variable: conf/ holds neither a secret nor a machine's address."""


class Webhook(Strict):
    """The webhook that gets a message on some diagnoses. Without an address no message is sent."""

    form: Literal["json", "slack"]
    """`json`: a signed document for programs; `slack`: text for Slack and compatible chats."""
    url_env: Variable
    """The environment variable that holds the webhook's URL."""
    secret_env: Variable
    """The environment variable that holds the signing key: required for json, optional for slack."""
    diagnoses: tuple[Literal["watch", "retrain", "fix_data", "cannot_tell"], ...]
    """The diagnoses that are sent."""
    cooldown_h: float = Field(ge=0)
    """After a message about a model, send only worse diagnoses for this many hours."""
    timeout_s: float = Field(gt=0, le=300)
    """The network timeout of one attempt."""
    attempts: int = Field(ge=1, le=20)
    """How often to try when the receiver answers 429, 5xx or not at all."""
    backoff_s: float = Field(gt=0, le=60)
    """The wait before the second attempt; it doubles before each further one."""


class Rules(Strict):
    """The limits of the alert rules, which `mooring alerts` writes for Prometheus."""

    job_silence_h: int = Field(ge=1)
    """Alert when the drift job has not succeeded for this long; its old diagnosis then fires no alert."""
    profile_silence_h: int = Field(ge=1)
    """Alert when the newest profile of all models was older than this at the job's last success."""
    label_silence_h: int = Field(ge=1)
    """Alert when the newest label was older than this at the job's last success."""
    pending_m: int = Field(ge=1)
    """How long a condition holds before its alert fires."""


class Alerts(Section):
    """The gauges, alert rules and messages made from a drift report."""

    runbooks: str = Field(pattern=r"^[^\s<>|]*[^\s<>|/]$")
    """Where the runbooks are: their path in this repository, or their URL on a forge."""
    textfile_env: Variable
    """The environment variable that holds the directory of node_exporter's textfile collector."""
    pushgateway_env: Variable
    """The environment variable that holds the Pushgateway's URL."""
    push_timeout_s: float = Field(gt=0, le=300)
    webhook: Webhook
    rules: Rules
