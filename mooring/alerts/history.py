"""The history of sent messages, so that none is sent twice, and no similar one within the cooldown.

In: the file that `mooring notify` keeps. Out: whether to send a message, and the updated file. The file is
written after sending: a kill in between repeats one message, with the same Idempotency-Key.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from mooring import files
from mooring.config import document
from mooring.config.section import Strict
from mooring.diagnosis.report import Diagnosis, DriftReport, Sha256

RANK: dict[Diagnosis, int] = {
    "quiet": 0,
    "cannot_tell": 1,
    "watch": 2,
    "retrain": 3,
    "fix_data": 4,
}
"""A higher rank is worse: broken data ranks highest, since it also invalidates every other diagnosis."""
KEPT_KEYS = 50


class Told(Strict):
    """The last message about one model."""

    at: AwareDatetime
    diagnosis: Diagnosis
    keys: Annotated[tuple[Sha256, ...], Field(max_length=KEPT_KEYS)]
    """The keys of the last messages, the newest last."""


class History(Strict):
    """The content of the history file."""

    schema_: Literal[2] = Field(alias="schema")
    models: dict[str, Told]
    """The last messages, by data and model as in `of`."""


def of(report: DriftReport) -> str:
    """Return the name of a report's model in the history."""
    return f"{report.data}/{report.model}"


def withheld(
    last_sent: Told | None, diagnosis: Diagnosis, key: str, now: datetime, cooldown_h: float
) -> str:
    """Return why a message is not sent, empty if it is sent."""
    if last_sent is None:
        return ""
    if key in last_sent.keys:
        return "already sent for this diagnosis, window and evidence"
    # A time in the future comes from a wrong clock and must not suppress messages.
    cooling = last_sent.at <= now < last_sent.at + timedelta(hours=cooldown_h)
    if cooling and RANK[diagnosis] <= RANK[last_sent.diagnosis]:
        then = f"{last_sent.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{last_sent.diagnosis} was sent at {then}, and the cooldown is {cooldown_h:g} h"
    return ""


def after(told: Told | None, diagnosis: Diagnosis, key: str, now: datetime) -> Told:
    """Return the history entry after sending the message."""
    keys = (*(told.keys if told else ()), key)[-KEPT_KEYS:]
    return Told(at=now, diagnosis=diagnosis, keys=keys)


def read_history(path: Path) -> History:
    """Return the history in a file, an empty one if there is no file.

    Raises IntegrityError for a corrupt file.
    """
    if not path.exists():
        return History(schema=2, models={})
    fix = "delete the file; this repeats at most one message for each model"
    return document.read(path, History, "is not a valid message history", fix)


def write_history(path: Path, history: History, name: str, told: Told) -> None:
    """Replace the file with the history and the new entry of one model."""
    models = history.models | {name: told}
    whole = History(schema=2, models=models)
    files.write_json(path, whole.model_dump(mode="json", by_alias=True))
