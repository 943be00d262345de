"""The files that a drift report is made from, gathered in one directory and hashed.

In: a store, the reference of a model, labels. Out: evidence/, all that an assessment reads besides
models/reference:

    settings.json                          what was declared, and which days are judged
    reference.json                         the index of models/reference, which holds each file's sha256
    profiles/<model>/<day>/<part>          the newest profile of each writer, as stored
    bento.json                             which model that reference belongs to
    reference_outcomes.json, outcomes.json, left_out.json, advisory.json    where there are labels
"""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mooring import files
from mooring.bento.built import FACTS
from mooring.config import document
from mooring.config.data import Data
from mooring.config.drift import Drift
from mooring.config.outcomes import Outcomes
from mooring.config.section import Strict
from mooring.errors import DataError, IntegrityError
from mooring.profiles.store import INDEX
from mooring.records import snapshots
from mooring.records.parts import Part
from mooring.records.store import Store

SETTINGS, REFERENCE = "settings.json", "reference.json"
REFERENCE_OUTCOMES, OUTCOMES = "reference_outcomes.json", "outcomes.json"
LEFT_OUT, ADVISORY = "left_out.json", "advisory.json"
DAY = datetime.timedelta(days=1)


class Settings(Strict):
    """settings.json."""

    model: str
    """The digest of the model that is judged."""
    used: tuple[str, ...]
    """The inputs that it uses."""
    first: datetime.date
    last: datetime.date
    """The last day of the window, included."""
    newest: datetime.date
    """The newest day of serving: it may still get rows, and every earlier day is complete."""
    seed: int
    data: Data
    drift: Drift
    outcomes: Outcomes

    @property
    def since(self) -> datetime.date:
        """The first day that is read: earlier windows confirm an alarm."""
        return self.last - (self.drift.window_days * self.drift.persistence.looks - 1) * DAY

    @property
    def zone(self) -> str:
        """The time zone of the days."""
        return self.data.time.zone if self.data.time else "UTC"


def write_settings(directory: Path, settings: Settings) -> None:
    """Write settings.json."""
    files.write_json(directory / SETTINGS, settings.model_dump(mode="json"))


def read_settings(directory: Path) -> Settings:
    """Return settings.json. Raises IntegrityError if it is invalid."""
    what, fix = "has no settings of a report", "use the code of the commit that made the report"
    return document.read(directory / SETTINGS, Settings, what, fix)


def copy_profiles(store: Store, settings: Settings, directory: Path) -> None:
    """Copy the newest profile of each writer and day, from `since` to `last`.

    Raises IntegrityError naming a corrupt part.
    """
    stored = snapshots.stored(store, settings.model, since=settings.since, until=settings.last)
    for day, part, content in stored:
        name = f"{snapshots.DIRECTORY}/{settings.model}/{day}/{part}"
        files.write_bytes(directory / name, content)


def copy_reference(reference: Path, directory: Path) -> None:
    """Copy the index of a reference, which pins every file of it, and the file that names its model."""
    for path, name in ((reference / INDEX, REFERENCE), (reference.parent / FACTS, FACTS)):
        content = files.read_bytes(path, "run 'dvc checkout', or 'dvc repro package'")
        files.write_bytes(directory / name, content)


def check(directory: Path, expected: Mapping[str, str]) -> None:
    """Raise IntegrityError naming the first file that is missing, extra or changed."""
    actual = files.sha256_files(directory)
    for name in sorted({*expected, *actual}):
        if actual.get(name) != expected.get(name):
            raise IntegrityError(
                "is missing" if name not in actual else "has changed since the report was made",
                where=str(directory / name),
                expected=f"sha256 {expected[name]}" if name in expected else "no such file",
                got=f"sha256 {actual[name]}" if name in actual else "nothing",
                fix="restore the evidence from a copy, or make the report again with 'mooring drift'",
            )


def check_newer(old: Mapping[str, Any], new: Mapping[str, Any], where: Path) -> None:
    """Raise DataError unless the new evidence has each old profile, or a later one of the same writer.

    Late profiles may replace a report; fewer profiles may not.
    """
    held = {_writer(name): _part(name).number for name in new if _is_profile(name)}
    for name in sorted(old):
        if _is_profile(name) and held.get(_writer(name), 0) < _part(name).number:
            raise DataError(
                "the store holds less data than the report was made from",
                where=str(where),
                expected=name,
                got="an older profile of that writer, or none",
                fix="name the store that it was made from with --store, or move the report away",
            )


def _is_profile(name: str) -> bool:
    return name.startswith(f"{snapshots.DIRECTORY}/")


def _part(name: str) -> Part:
    part = Part.parse(name.rpartition("/")[2])
    assert part is not None, name
    return part


def _writer(name: str) -> tuple[str, str]:
    return name.rpartition("/")[0], _part(name).stream
