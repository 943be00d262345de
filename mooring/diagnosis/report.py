"""What a look at serving found, as one document: report.json, and what every page and alert is made of.

Out: a strict schema with a number. The document is a pure function of the evidence that it names.
"""

import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from mooring.config.section import Strict
from mooring.drift.levels import Cause, Level
from mooring.outcomes.joining import LeftOut
from mooring.profiles.segments import spoken

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Diagnosis = Literal["quiet", "watch", "retrain", "fix_data", "cannot_tell"]
"""Of a window as a whole. `watch`: it differs, but not by enough, or not for long enough, to act.
`retrain`: the data or the model has drifted, for long enough. `fix_data`: incoming data is broken, which
no training fixes. `cannot_tell`: too little was checked to call it quiet."""
Share = Annotated[float, Field(ge=0, le=1)]


class Day(Strict):
    """One day of the window, in the data's own time."""

    day: datetime.date
    rows: int = Field(ge=0)
    complete: bool
    """False where no later day has profiles, so that this one may still fill."""


class Span(Strict):
    """The days that are judged."""

    first: datetime.date
    last: datetime.date
    """Included."""
    zone: str
    """Whose days they are: an IANA time zone."""
    days: tuple[Day, ...]


class Point(Strict):
    """One window of a line over time, named by its last day."""

    last: datetime.date
    value: float | None
    """None where there was too little to tell."""
    limit: float | None
    low: float | None
    high: float | None
    """Of the value's interval, where it has one."""


class Bin(Strict):
    """The share of rows in one bin."""

    label: str
    reference: Share
    current: Share


class ColumnFinding(Strict):
    """How far one column, or the score, is from the reference."""

    name: str
    segment: str
    """Of its rows, such as origin=JFK; empty for all rows."""
    kind: Literal["number", "category"]
    description: str
    unit: str
    """Empty for a category."""
    level: Level
    measure: str
    """The measure that stands out most: hellinger, ks, total_variation, rank_shift or unseen."""
    effect: float | None
    """That measure less its median in the reference: 0 to 1."""
    excess: float | None
    """How far out that is, in units of the reference's own spread."""
    threshold: float | None
    """The excess from which on the family alarms, once in 1/alpha windows without drift."""
    p_value: Share | None
    """Of that excess among the reference's own windows, for the whole family."""
    sentence: str
    bins: tuple[Bin, ...]
    line: tuple[Point, ...]
    """The excess and the threshold, window by window, oldest first."""

    @property
    def spoken(self) -> str:
        """The name as people say it: `temp`, or `temp (origin=JFK)`."""
        return spoken(self.segment, self.name)


class QualityFinding(Strict):
    """One problem with incoming data, that no training would fix."""

    column: str
    """Empty for the volume of all rows."""
    check: str
    """absent, unseen, null (more are missing), filled (fewer are), inf, range, unit, few or many."""
    level: Level
    observed: float
    """A share of rows, for few and many of the reference's volume, for unit of the values that look
    converted; for range a value in the column's unit."""
    limit: float | None
    """Of `observed`; null for unit, which has none."""
    days: int | None
    """How many of the last days it stood out on; null for what is judged by windows."""
    sentence: str


class Figure(Strict):
    """One figure of the model's quality on labelled rows."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    """Of the interval, at 1 - alpha, by days."""
    reference: float | None
    limit: float | None
    """From there on it is worse than the reference ever was by chance."""
    level: Level | None
    """Null where the figure describes, and no level hangs on it."""
    line: tuple[Point, ...]


class CalibrationBin(Strict):
    """Rows of like scores."""

    rows: int
    score: float
    """Their mean score."""
    observed: float
    """Their mean label."""


class OutcomesFinding(Strict):
    """How good the model was, on the labels that have come."""

    level: Level
    sentence: str
    predictions: int
    """Of the window, the model's first for each key."""
    due: int
    """Those old enough that their label should have come."""
    labelled: int
    coverage: Share | None
    """labelled / due."""
    min_coverage: Share
    left_out: LeftOut
    """How many predictions of the window's days have no outcome, and why."""
    figures: tuple[Figure, ...]
    calibration: tuple[CalibrationBin, ...]
    advisory: dict[str, float]
    """Estimates without labels. They never open anything."""


class NotMade(Strict):
    """Checks that were not made, all for one cause."""

    cause: Cause
    checks: tuple[str, ...]
    """What each would have looked at."""
    reason: str
    """A sentence."""


class Part(Strict):
    """One of the things that are looked at."""

    level: Level
    """Of its worst finding."""
    made: int = Field(ge=0)
    """How many checks were made."""
    not_made: tuple[NotMade, ...]

    @property
    def n_not_made(self) -> int:
        """How many checks were not made."""
        return sum(len(each.checks) for each in self.not_made)


class Parts(Strict):
    """What is looked at: "nothing found" and "not checked" are told apart for each."""

    columns: Part
    """One check a column, of a segment too."""
    score: Part
    quality: Part
    """Several checks a column, and the volume."""
    outcomes: Part
    """One check for each figure of the model's quality that a level hangs on."""


class Evidence(Strict):
    """What the report was made from; with it anybody makes the same report again."""

    files: dict[str, Sha256]
    """By path below the evidence's directory."""
    code_sha256: Sha256
    """Over the modules that judge."""
    version: str
    """Of Mooring."""


class DriftReport(Strict):
    """The file report.json."""

    schema_: Literal[2] = Field(alias="schema")
    diagnosis: Diagnosis
    reason: str
    parts: Parts
    data: str
    """The name of conf/data."""
    model: Sha256
    """The digest of the model whose rows are judged."""
    window: Span
    settings: dict[str, float | int | str]
    """alpha, window_days and so on: what was declared in conf/drift."""
    columns: tuple[ColumnFinding, ...]
    """Ranked by effect, the largest first; of segments the score too."""
    score: ColumnFinding | None
    quality: tuple[QualityFinding, ...]
    """What stands out first."""
    outcomes: OutcomesFinding | None
    """Null where there are no labels."""
    next_steps: tuple[str, ...]
    evidence: Evidence

    def plain(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return self.model_dump(mode="json", by_alias=True)
