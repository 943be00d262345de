"""From evidence to a drift report: a pure function of hashed files, which anybody can run again.

In: a directory of evidence and the reference that it names. Out: a DriftReport.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import mooring
from mooring import files
from mooring.diagnosis.deciding import STEPS, decided
from mooring.diagnosis.describing import column_findings, quality_findings
from mooring.diagnosis.label_finding import outcomes_finding
from mooring.diagnosis.ranges import range_findings
from mooring.diagnosis.report import (
    Day,
    DriftReport,
    Evidence,
    OutcomesFinding,
    QualityFinding,
    Span,
)
from mooring.drift.days import Days, stacked
from mooring.drift.judging import judge
from mooring.drift.measures import rows_of
from mooring.drift.quality import calibrate_quality, judge_quality
from mooring.drift.thresholds import calibrate
from mooring.errors import IntegrityError
from mooring.evidence import bundle
from mooring.evidence.bundle import Settings
from mooring.graph import code
from mooring.graph.requirements import installed
from mooring.outcomes.looks import look
from mooring.outcomes.reference import read_reference
from mooring.outcomes.tables import Tables
from mooring.profiles.bins import Bins
from mooring.profiles.reading import Profile
from mooring.profiles.store import INDEX, read_sketches
from mooring.profiles.tables import counts, reference_counts
from mooring.profiles.values import SCORE
from mooring.records import snapshots


def assess(directory: Path, reference: Path) -> DriftReport:
    """Return the report that the evidence makes. Raises IntegrityError naming a file that is not right."""
    settings = bundle.read_settings(directory)
    known, bins = _known(directory, reference)
    profiles = _profiles(directory, settings)
    current = stacked({day: counts(each, bins) for day, each in profiles.items()}, bins)
    drift = judge(calibrate(known, settings.drift, settings.seed), current, settings.drift)
    quality = _quality(known, profiles, current, settings)
    outcomes = _outcomes(directory, settings)
    columns = column_findings(drift, known, settings.data)
    found, reason = decided(drift, quality, outcomes)
    score = [column for column in columns if (column.name, column.segment) == (SCORE, "")]
    return DriftReport(
        schema=1,
        verdict=found,
        reason=reason,
        data=settings.data.name,
        model=settings.model,
        window=_span(settings, current),
        settings={
            "alpha": settings.drift.alpha,
            "window_days": settings.drift.window_days,
            "min_rows": settings.drift.min_rows,
            "alarms": settings.drift.persistence.alarms,
            "looks": settings.drift.persistence.looks,
            "seed": settings.seed,
        },
        columns=tuple(column for column in columns if column not in score),
        score=score[0] if score else None,
        quality=quality,
        outcomes=outcomes,
        next_steps=STEPS[found],
        evidence=Evidence(
            files=files.sha256_files(directory),
            code_sha256=code_sha256(),
            version=mooring.__version__,
        ),
    )


@cache
def code_sha256() -> str:
    """Return one sha256 over the modules that judge and the installed packages that they use."""
    return code.code_sha256("mooring.diagnosis.assessment", version=installed)


def _known(directory: Path, reference: Path) -> tuple[Days, Bins]:
    path = reference / INDEX
    pinned = files.sha256_file(directory / bundle.REFERENCE)
    found = files.sha256_file(path) if path.is_file() else "no file"
    if found != pinned:
        raise IntegrityError(
            "is not the reference that the evidence names",
            where=str(path),
            expected=f"sha256 {pinned}",
            got=found,
            fix="check out the commit of the model that is judged, or name it with --reference",
        )
    bins, blocks = reference_counts(read_sketches(reference).blocks)
    return stacked(blocks, bins), bins


def _profiles(directory: Path, settings: Settings) -> dict[str, list[Profile]]:
    profiles: dict[str, list[Profile]] = defaultdict(list)
    # From its first profile to the last day asked about, a day without one is a day without rows.
    profiles[str(settings.last)] = []
    for day, _, profile in snapshots.read_sketches(str(directory), settings.model):
        profiles[str(day)].append(profile)
    return profiles


def _quality(
    known: Days, profiles: Mapping[str, list[Profile]], current: Days, settings: Settings
) -> tuple[QualityFinding, ...]:
    """Return what is wrong with what came in, alarms first."""
    drift = settings.drift
    calibrated = calibrate_quality(known, drift, settings.seed)
    found = [
        *quality_findings(judge_quality(calibrated, current, drift), drift),
        *range_findings(profiles, settings.data, drift.persistence, str(settings.last)),
    ]
    return tuple(sorted(found, key=lambda each: each.level != "alarm"))


def _span(settings: Settings, current: Days) -> Span:
    rows = dict(zip(current.names, rows_of(current, current.cells).tolist(), strict=True))
    n_days = (settings.last - settings.first).days + 1
    days = [settings.first + number * bundle.DAY for number in range(n_days)]
    return Span(
        first=settings.first,
        last=settings.last,
        zone=settings.zone,
        days=tuple(
            Day(day=day, rows=int(rows.get(str(day), 0)), complete=day < settings.newest)
            for day in days
        ),
    )


def _outcomes(directory: Path, settings: Settings) -> OutcomesFinding | None:
    path = directory / bundle.OUTCOMES
    if not path.is_file():
        return None
    reference = read_reference(directory / bundle.REFERENCE_OUTCOMES)
    tables = Tables.decode(path.read_bytes(), path)
    looks = look(
        reference,
        tables,
        last=settings.last,
        window_days=settings.drift.window_days,
        persistence=settings.drift.persistence,
        settings=settings.outcomes,
        seed=settings.seed,
    )
    window = tables.between(str(settings.first), str(settings.last))
    advisory = files.read_json(directory / bundle.ADVISORY)
    return outcomes_finding(looks, window, settings, advisory)
