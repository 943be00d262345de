"""A small drift report that looks like the flights', changed as a test needs it."""

import datetime
from typing import Any

from mooring.diagnosis.report import (
    ColumnFinding,
    Day,
    Diagnosis,
    DriftReport,
    Evidence,
    Figure,
    NotMade,
    OutcomesFinding,
    Part,
    Parts,
    QualityFinding,
    Span,
)
from mooring.drift.levels import Level
from mooring.outcomes.joining import LeftOut

MODEL, OTHER = "a" * 64, "b" * 64
FIRST = datetime.date(2013, 7, 1)


def column(name: str, level: Level = "quiet", **changes: Any) -> ColumnFinding:
    """Return what was found about a number."""
    values = {
        **{
            "name": name,
            "segment": "",
            "kind": "number",
            "description": "",
            "unit": "miles",
            "level": level,
        },
        **{"measure": "ks", "effect": 0.25, "excess": 4.5, "threshold": 1.5, "p_value": 0.005},
        **{"sentence": "Has moved up.", "bins": (), "line": ()},
    }
    return ColumnFinding(**(values | changes))


def check(column: str, kind: str, level: Level, **changes: Any) -> QualityFinding:
    """Return what a check of quality found."""
    values = {
        **{"column": column, "check": kind, "level": level, "observed": 0.25},
        **{"limit": 0.125, "days": 2, "sentence": "25% are missing."},
    }
    return QualityFinding(**(values | changes))


def outcomes(**changes: Any) -> OutcomesFinding:
    """Return a model's quality on half of its labels."""
    figure = Figure(
        **{"metric": "roc_auc", "value": 0.7, "low": 0.65, "high": 0.75, "reference": 0.74},
        **{"limit": 0.6875, "level": "quiet", "line": ()},
    )
    values = {
        **{"level": "quiet", "sentence": "The model is as good as it was.", "predictions": 6000},
        **{"due": 5000, "labelled": 2500, "coverage": 0.5, "min_coverage": 0.75},
        **{"figures": (figure,), "calibration": (), "advisory": {}},
        "left_out": left_out(too_young=1000, without_label=2400, contradictory=100),
    }
    return OutcomesFinding(**(values | changes))


def left_out(**counts: int) -> LeftOut:
    """Return why predictions have no outcome."""
    return LeftOut(**dict.fromkeys(LeftOut.model_fields, 0) | counts)


def parts(**changes: Part) -> Parts:
    """Return parts some of whose checks were not made."""
    few = NotMade(
        **{"cause": "too_few_values", "checks": ("seats",)},
        reason="Fewer than 150 rows of the window have a value.",
    )
    values = {
        "columns": Part(level="alarm", made=2, not_made=(few,)),
        "score": Part(level="watch", made=1, not_made=()),
        "quality": Part(level="watch", made=14, not_made=()),
        "outcomes": Part(level="quiet", made=4, not_made=()),
    }
    return Parts(**(values | changes))


def report(diagnosis: Diagnosis = "retrain", **changes: Any) -> DriftReport:
    """Return a report on a week of July."""
    days = [FIRST + datetime.timedelta(days=n) for n in range(7)]
    values = {
        **{"schema": 2, "diagnosis": diagnosis, "reason": "distance has moved.", "data": "flights"},
        **{"model": MODEL, "parts": parts()},
        "window": Span(
            **{"first": days[0], "last": days[-1], "zone": "America/New_York"},
            days=tuple(Day(day=day, rows=900, complete=True) for day in days),
        ),
        "settings": {"alpha": 0.05},
        "columns": (column("distance", "alarm"), column("temp")),
        "score": column("score", "watch", effect=0.03125, measure="hellinger"),
        "quality": (check("dewp", "null", "watch"),),
        "outcomes": outcomes(),
        "next_steps": ("Train on newer rows.",),
        "evidence": Evidence(
            files={"reference/index.json": "c" * 64}, code_sha256="d" * 64, version="0.1.0"
        ),
    }
    return DriftReport(**(values | changes))
