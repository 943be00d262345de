"""The drift report as one document: report.json, from which every page and alert is made.

Out: a strict, numbered schema. The document is a pure function of the evidence that it names.
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
"""The diagnosis of a whole window. `watch`: it differs, but not by enough, or not for long enough, to act.
`retrain`: the data or the model has drifted, for long enough. `fix_data`: incoming data is broken, which
no training fixes. `cannot_tell`: too little was checked to call it quiet."""
Share = Annotated[float, Field(ge=0, le=1)]


class Day(Strict):
    """One day of the window, in the data's time zone."""

    day: datetime.date
    rows: int = Field(ge=0)
    complete: bool
    """False if no later day has profiles, so this day may still get rows."""


class Span(Strict):
    """The days that are judged."""

    first: datetime.date
    last: datetime.date
    """Included."""
    zone: str
    """The IANA time zone of the days."""
    days: tuple[Day, ...]


class Point(Strict):
    """One window of a line over time, named by its last day."""

    last: datetime.date
    value: float | None
    """None where there was too little data."""
    limit: float | None
    low: float | None
    high: float | None
    """The upper end of the value's interval, if it has one."""


class Bin(Strict):
    """The share of rows in one bin."""

    label: str
    reference: Share
    current: Share


class ColumnFinding(Strict):
    """How far one column, or the score, is from the reference."""

    name: str
    segment: str
    """The segment of rows, such as origin=JFK; empty for all rows."""
    kind: Literal["number", "category"]
    description: str
    unit: str
    """Empty for a category."""
    level: Level
    measure: str
    """The most prominent measure: hellinger, ks, total_variation, rank_shift or unseen."""
    effect: float | None
    """That measure minus its median in the reference: 0 to 1."""
    excess: float | None
    """The effect in units of the reference's own spread."""
    threshold: float | None
    """The excess above which the family alarms: once in 1/alpha windows without drift."""
    p_value: Share | None
    """The p-value of that excess among the reference's own windows, for the whole family."""
    sentence: str
    bins: tuple[Bin, ...]
    line: tuple[Point, ...]
    """The excess and the threshold, window by window, oldest first."""

    @property
    def spoken(self) -> str:
        """The name as people say it: `temp`, or `temp (origin=JFK)`."""
        return spoken(self.segment, self.name)


class QualityFinding(Strict):
    """One problem with incoming data that no training would fix."""

    column: str
    """Empty for the volume of all rows."""
    check: str
    """absent, unseen, null (more are missing), filled (fewer are), inf, range, unit, few or many."""
    level: Level
    observed: float
    """A share of rows; few, many: of the reference's volume; unit: of the values that look converted;
    range: a value in the column's unit."""
    limit: float | None
    """The limit of `observed`; null for unit, which has none."""
    days: int | None
    """How many of the last days had the problem; null if windows are judged."""
    sentence: str


class Figure(Strict):
    """One figure of the model's quality on labelled rows."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    """The upper end of the bootstrap interval over days, at 1 - alpha."""
    reference: float | None
    limit: float | None
    """Beyond it, the model is worse than the reference ever was by chance."""
    level: Level | None
    """Null if the figure only describes and has no level."""
    line: tuple[Point, ...]


class CalibrationBin(Strict):
    """Rows with similar scores."""

    rows: int
    score: float
    """Their mean score."""
    observed: float
    """Their mean label."""


class OutcomesFinding(Strict):
    """The model's quality on the labels that have arrived."""

    level: Level
    sentence: str
    predictions: int
    """How many in the window: the model's first for each key."""
    due: int
    """Those old enough that their label should have arrived."""
    labelled: int
    coverage: Share | None
    """labelled / due."""
    min_coverage: Share
    left_out: LeftOut
    """How many predictions of the window's days have no outcome, and why."""
    figures: tuple[Figure, ...]
    calibration: tuple[CalibrationBin, ...]
    advisory: dict[str, float]
    """Label-free estimates. They never open a pull request."""


class NotMade(Strict):
    """Checks that were not made, all for one cause."""

    cause: Cause
    checks: tuple[str, ...]
    """The name of each, such as `temp` or `temp: null`."""
    reason: str
    """A sentence."""


class Part(Strict):
    """One part of the report."""

    level: Level
    """The level of its worst finding."""
    made: int = Field(ge=0)
    """How many checks were made."""
    not_made: tuple[NotMade, ...]

    @property
    def n_not_made(self) -> int:
        """How many checks were not made."""
        return sum(len(each.checks) for each in self.not_made)


class Parts(Strict):
    """The parts of the report: each distinguishes "nothing found" from "not checked"."""

    columns: Part
    """One check per column, in each segment too."""
    score: Part
    quality: Part
    """Several checks per column, and the volume."""
    outcomes: Part
    """One check for each figure of the model's quality that has a level."""


class Evidence(Strict):
    """What the report was made from; anybody can make the same report again from it."""

    files: dict[str, Sha256]
    """The sha256 of each file, by path below the evidence's directory."""
    code_sha256: Sha256
    """The digest of the modules that judge."""
    version: str
    """The version of Mooring."""


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
    """By effect, the largest first; includes the score of each segment."""
    score: ColumnFinding | None
    quality: tuple[QualityFinding, ...]
    """Alarms first."""
    outcomes: OutcomesFinding | None
    """Null where there are no labels."""
    next_steps: tuple[str, ...]
    evidence: Evidence

    def plain(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return self.model_dump(mode="json", by_alias=True)
