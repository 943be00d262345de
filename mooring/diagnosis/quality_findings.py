"""Describe problems with incoming data for the report: one finding for each column and check.

In: a DataQuality, which judges days, and a DataDrift, whose windows judge unseen categories too. Out:
QualityFindings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mooring.config.drift import Drift
from mooring.diagnosis.report import QualityFinding
from mooring.drift.judging import ColumnDrift, DataDrift
from mooring.drift.levels import STANDS_OUT, worst
from mooring.drift.quality import DataQuality, Flaw
from mooring.profiles.segments import segment_of

SENTENCES = {
    "unseen": "{share:.2%} of the rows of {day} have a category that the reference does not have",
    "null": "{share:.2%} more of the rows of {day} have no value than in the reference",
    "filled": "{share:.2%} fewer of the rows of {day} have no value than in the reference",
    "inf": "{share:.2%} more of the rows of {day} are infinite than in the reference",
    "absent": "{share:.2%} of the rows of {day} lack the column",
    "few": "{share:.0%} fewer rows than usual on {day}",
    "many": "{share:.0%} more rows than usual on {day}",
}


def quality_findings(
    quality: DataQuality, drift: DataDrift, settings: Drift, new: Mapping[str, Sequence[str]]
) -> tuple[QualityFinding, ...]:
    """Return the problems with incoming data: those of days first, the worst first.

    `new` names, by column, the categories of the window that the reference does not have.
    """
    of_windows = {
        column.column: column
        for column in drift.columns
        if column.unseen in STANDS_OUT and not segment_of(column.column)[0]
    }
    findings = []
    for flaw in quality.flaws:
        finding = _of_day(flaw, quality, settings, new)
        if finding.check == "unseen" and finding.column in of_windows:
            of_window = of_windows.pop(finding.column)
            level = worst([finding.level, of_window.unseen])
            finding = finding.model_copy(update={"level": level})
        findings.append(finding)
    return (*findings, *_of_windows(of_windows.values(), drift, settings, new))


def _of_day(
    flaw: Flaw, quality: DataQuality, settings: Drift, new: Mapping[str, Sequence[str]]
) -> QualityFinding:
    column, kind = flaw.measure
    index = quality.measures.index(flaw.measure)
    sentence = SENTENCES[kind].format(share=flaw.share, day=flaw.day)
    return QualityFinding(
        column=column,
        check=kind,
        level="alarm" if flaw.confirmed else "watch",
        observed=flaw.share,
        limit=flaw.worst,
        days=int(quality.alarms[-settings.persistence.looks :, index].sum()),
        sentence=f"{sentence}{_named(new.get(column, ())) if kind == 'unseen' else ''}.",
    )


def _of_windows(
    columns: Iterable[ColumnDrift],
    drift: DataDrift,
    settings: Drift,
    new: Mapping[str, Sequence[str]],
) -> Iterator[QualityFinding]:
    """Yield unseen categories that show in a window but on no single day, as with little traffic."""
    for column in columns:
        share, (first, last) = column.shift.current[-1], drift.window or ("", "")
        what = "have a category that the reference does not have"
        names = _named(new.get(column.column, ()))
        yield QualityFinding(
            column=column.column,
            check="unseen",
            level=column.unseen,
            observed=share,
            limit=settings.quality.unseen_frac,
            days=None,
            sentence=f"{share:.2%} of the rows of {first} to {last} {what}{names}.",
        )


def _named(categories: Sequence[str]) -> str:
    return f": {', '.join(categories)}" if categories else ""
