"""Values outside the range that conf/data declares: a rule that needs no reference.

In: the profiles of each day. Out: a QualityFinding for each column whose rule was broken.
The scorer refuses such a row, so this finds other writers, and ranges that were declared later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mooring.config.data import Data, NumberColumn
from mooring.config.drift import Persistence
from mooring.diagnosis.report import QualityFinding
from mooring.profiles.reading import Profile


@dataclass(frozen=True)
class Breach:
    """The value farthest outside the range on one day."""

    day: str
    value: float
    bound: float

    @property
    def by(self) -> float:
        """How far outside."""
        return abs(self.value - self.bound)


def range_findings(
    profiles: Mapping[str, Sequence[Profile]], data: Data, persistence: Persistence, last: str
) -> tuple[QualityFinding, ...]:
    """Return the columns with values outside, on the days that persistence looks at, up to `last`.

    `profiles` maps each day, YYYY-MM-DD, to its profiles.
    """
    days = [day for day in sorted(profiles) if day <= last][-persistence.looks :]
    findings = []
    for name, column in data.columns.items():
        if isinstance(column, NumberColumn):
            breaches = [
                breach
                for day in days
                if (breach := _breach(day, name, column, profiles[day])) is not None
            ]
            if breaches:
                findings.append(_finding(name, column, breaches, persistence))
    return tuple(findings)


def n_ranges(data: Data) -> int:
    """Return how many columns declare a range."""
    return sum(
        isinstance(column, NumberColumn) and not column.min is column.max is None
        for column in data.columns.values()
    )


def _breach(
    day: str, name: str, column: NumberColumn, profiles: Sequence[Profile]
) -> Breach | None:
    """Return the farthest value of a column on one day, None where all lie inside."""
    breaches = []
    for profile in profiles:
        part = profile.get(name)
        if part is None or part.kind != "number" or not part.present:
            continue
        least, most = part.extremes
        if column.min is not None and least < column.min:
            breaches.append(Breach(day, least, column.min))
        if column.max is not None and most > column.max:
            breaches.append(Breach(day, most, column.max))
    return max(breaches, key=lambda breach: breach.by, default=None)


def _finding(
    name: str, column: NumberColumn, breaches: Sequence[Breach], persistence: Persistence
) -> QualityFinding:
    newest = breaches[-1]
    side = "most" if newest.value > newest.bound else "least"
    return QualityFinding(
        column=name,
        check="range",
        level="alarm" if len(breaches) >= persistence.alarms else "watch",
        observed=newest.value,
        limit=newest.bound,
        days=len(breaches),
        sentence=f"{newest.value:g} {column.unit} on {newest.day}, where conf/data declares at {side} "
        f"{newest.bound:g}.",
    )
