"""Turn evidence into a drift report: a pure function of hashed files that anybody can run again.

In: a directory of evidence and the reference that it names. Out: a DriftReport.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mooring
from mooring import files
from mooring.config import document
from mooring.diagnosis.categories import new_categories
from mooring.diagnosis.deciding import STEPS, decided
from mooring.diagnosis.describing import column_findings
from mooring.diagnosis.label_finding import outcomes_finding
from mooring.diagnosis.part_levels import parts_of, unchecked_sentence
from mooring.diagnosis.quality_findings import quality_findings
from mooring.diagnosis.ranges import n_ranges, range_findings
from mooring.diagnosis.report import (
    Day,
    DriftReport,
    Evidence,
    OutcomesFinding,
    QualityFinding,
    Span,
)
from mooring.diagnosis.unit_findings import unit_findings
from mooring.drift.days import Days, stacked
from mooring.drift.judging import DataDrift, judge
from mooring.drift.levels import Unchecked
from mooring.drift.measures import rows_of
from mooring.drift.quality import DataQuality, calibrate_quality, judge_quality
from mooring.drift.thresholds import calibrate
from mooring.errors import IntegrityError
from mooring.evidence import bundle
from mooring.evidence.bundle import Settings
from mooring.evidence.served_model import check_evidence
from mooring.graph import code
from mooring.graph.requirements import installed
from mooring.outcomes.joining import LeftOut
from mooring.outcomes.looks import look
from mooring.outcomes.reference import read_reference
from mooring.outcomes.tables import Tables
from mooring.profiles.reading import Profile
from mooring.profiles.store import INDEX, read_sketches
from mooring.profiles.tables import counts, reference_counts
from mooring.profiles.values import SCORE
from mooring.records import snapshots


@dataclass(frozen=True)
class _Counted:
    """The evidence, read and counted in the reference's bins."""

    settings: Settings
    blocks: Mapping[str, Profile]
    """The reference's profiles, by block."""
    reference: Days
    profiles: Mapping[str, list[Profile]]
    """Serving's profiles, by day."""
    current: Days


def assess(directory: Path, reference: Path) -> DriftReport:
    """Return the report on the evidence. Raises IntegrityError naming a missing or invalid file."""
    counted = _counted(directory, reference)
    settings, usual, current = counted.settings, counted.reference, counted.current
    declared, data = settings.drift, settings.data
    drift = judge(calibrate(usual, declared, settings.seed), current, declared)
    days = judge_quality(calibrate_quality(usual, declared, settings.seed), current, declared)
    new = new_categories(counted.profiles, usual.bins, drift.window)
    quality = _quality(days, drift, new, counted)
    outcomes = _outcomes(directory, settings)
    finding = outcomes[0] if outcomes else None
    parts = parts_of(drift, days, quality, n_ranges(data), outcomes, data.task)
    unchecked = (*drift.unchecked, *days.unchecked)
    diagnosis, reason = decided(drift, quality, finding, unchecked, settings)
    columns = column_findings(drift, usual, data, new)
    score = [column for column in columns if (column.name, column.segment) == (SCORE, "")]
    return DriftReport(
        schema=2,
        diagnosis=diagnosis,
        reason=" ".join(filter(None, (reason, unchecked_sentence(parts)))),
        parts=parts,
        data=data.name,
        model=settings.model,
        window=_span(settings, current),
        settings=_declared(settings),
        columns=tuple(column for column in columns if column not in score),
        score=score[0] if score else None,
        quality=quality,
        outcomes=finding,
        next_steps=STEPS[diagnosis],
        evidence=_evidence(directory),
    )


def _declared(settings: Settings) -> dict[str, float | int | str]:
    drift = settings.drift
    return {
        "alpha": drift.alpha,
        "window_days": drift.window_days,
        "min_rows": drift.min_rows,
        "alarms": drift.persistence.alarms,
        "looks": drift.persistence.looks,
        "seed": settings.seed,
    }


def _evidence(directory: Path) -> Evidence:
    return Evidence(
        files=files.sha256_files(directory),
        code_sha256=code_sha256(),
        version=mooring.__version__,
    )


@cache
def code_sha256() -> str:
    """Return one sha256 over the modules that judge and the installed packages that they use."""
    return code.code_sha256("mooring.diagnosis.assessment", version=installed)


def _counted(directory: Path, reference: Path) -> _Counted:
    settings = bundle.read_settings(directory)
    check_evidence(directory, settings.model)
    blocks = _reference(directory, reference)
    bins, of_blocks = reference_counts(blocks, settings.data.open_columns)
    profiles = _profiles(directory, settings)
    of_days = {day: counts(of_day, bins) for day, of_day in profiles.items()}
    return _Counted(settings, blocks, stacked(of_blocks, bins), profiles, stacked(of_days, bins))


def _reference(directory: Path, reference: Path) -> Mapping[str, Profile]:
    """Return the profiles of the reference that the evidence names."""
    path = reference / INDEX
    pinned = files.sha256_file(directory / bundle.REFERENCE)
    actual = files.sha256_file(path) if path.is_file() else "no file"
    if actual != pinned:
        raise IntegrityError(
            "is not the reference that the evidence names",
            where=str(path),
            expected=f"sha256 {pinned}",
            got=actual,
            fix="check out the commit of the judged model, or pass its reference with --reference",
        )
    return read_sketches(reference).blocks


def _profiles(directory: Path, settings: Settings) -> dict[str, list[Profile]]:
    profiles: dict[str, list[Profile]] = defaultdict(list)
    # Between the first profile and the last day, a day without a profile is a day without rows.
    profiles[str(settings.last)] = []
    for day, _, profile in snapshots.read_sketches(str(directory), settings.model):
        profiles[str(day)].append(profile)
    return profiles


def _quality(
    days: DataQuality, drift: DataDrift, new: Mapping[str, tuple[str, ...]], counted: _Counted
) -> tuple[QualityFinding, ...]:
    """Return the problems with incoming data, alarms first."""
    settings, profiles = counted.settings, counted.profiles
    findings = [
        *unit_findings(drift, counted.reference, counted.blocks, profiles, settings),
        *quality_findings(days, drift, settings.drift, new),
        *range_findings(profiles, settings.data, settings.drift.persistence, str(settings.last)),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.level != "alarm"))


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


def _outcomes(
    directory: Path, settings: Settings
) -> tuple[OutcomesFinding, tuple[Unchecked, ...]] | None:
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
    what, fix = "does not say why labels are missing", "make the report again with 'mooring drift'"
    left_out = document.read(directory / bundle.LEFT_OUT, LeftOut, what, fix)
    finding = outcomes_finding(looks, window, settings, advisory, left_out)
    return finding, looks.newest.unchecked
