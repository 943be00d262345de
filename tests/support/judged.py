"""Drift reports to show: a week of flights with something of everything, and any that there can be."""

import datetime
import math
from collections.abc import Iterator
from typing import Any, get_args

import yaml
from hypothesis import strategies as st

from mooring.config.data import Data, NumberColumn
from mooring.diagnosis.report import (
    Bin,
    CalibrationBin,
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
    Point,
    QualityFinding,
    Span,
)
from mooring.drift.levels import Cause, Level
from mooring.outcomes.joining import LeftOut
from tests.support.conf import CONF

FIRST = datetime.date(2013, 7, 1)
DAY = datetime.timedelta(days=1)
THRESHOLD = 1.5
MOVED = {"temp": 4.2, "seats": 1.8}
"""The excess of the columns that are not quiet."""
HOSTILE = (
    "<script>alert(1)</script>",
    "</style></title></svg><img src=x onerror=alert(2)>",
    "a|b | c\n| --- |\r\n# head\n- item",
    "[link](https://example.org) ![x](//example.org/x.png) www.example.org @ada closes #1 GH-2",
    "*bold* _it_ `code` ~~gone~~ $x$ &lt; \\ <!-- --> {{ 7 * 7 }} {% raw %}",
    "\u202eright to left \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627\u200f",
    "👩🏽‍🚀🏳️‍🌈 日本語 Ünïcödé",
    "\x00\x07\x1b[31m\x7f\ufeff\u2028\u2029",
    "x" * 5000,
    "",
    " ",
)


def flights() -> Data:
    """Return conf/data of the flights."""
    return Data.parse("data", yaml.safe_load((CONF / "data/flights.yaml").read_text()), "conf")


def points(
    newest: float, limit: float, first: float = 0.4, n: int = 15, reach: float | None = None
) -> tuple[Point, ...]:
    """Return a line from a share of `newest` to it, with one window that had too little data.

    `reach` is half of each value's interval.
    """
    days = [FIRST + (6 - n + 1 + place) * DAY for place in range(n)]
    values = [round(newest * (first + (1 - first) * place / (n - 1)), 4) for place in range(n)]
    return tuple(
        Point(
            last=day,
            value=None if place == 2 else value,
            limit=limit,
            low=None if place == 2 or reach is None else value - reach,
            high=None if place == 2 or reach is None else value + reach,
        )
        for place, (day, value) in enumerate(zip(days, values, strict=True))
    )


def shares(n: int, shift: float) -> list[float]:
    """Return shares of `n` bins that are greatest in the middle, moved by `shift` bins."""
    heights = [math.exp(-(((place - n / 2 - shift) / (n / 3)) ** 2)) for place in range(n)]
    return [round(height / sum(heights), 4) for height in heights]


def bins(labels: list[str], moved: float) -> tuple[Bin, ...]:
    """Return the reference's shares, and current ones that are moved by so many bins."""
    n = len(labels)
    both = zip(labels, shares(n, 0), shares(n, moved), strict=True)
    return tuple(Bin(label=name, reference=r, current=p) for name, r, p in both)


def number_labels(low: float, high: float, n: int = 20) -> list[str]:
    """Return the labels of `n` bins."""
    edges = [f"{low + (high - low) * place / n:g}" for place in range(1, n)]
    between = [f"{edges[place]} to {edges[place + 1]}" for place in range(n - 2)]
    return [f"up to {edges[0]}", *between, f"above {edges[-1]}"]


def columns(data: Data) -> Iterator[ColumnFinding]:
    """Yield what was found about each column of the flights."""
    for place, (name, column) in enumerate(data.columns.items()):
        excess = MOVED.get(name, round(0.9 - 0.05 * place, 4))
        level: Level = "alarm" if name == "temp" else "watch" if name == "seats" else "quiet"
        numeric = isinstance(column, NumberColumn)
        if isinstance(column, NumberColumn):
            labels = number_labels(column.min or 0, column.max or 1)
        else:
            known = column.categories or [f"{name} {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTU"]
            labels = [*known, "(rare)", "(unseen)"]
        yield ColumnFinding(
            **{"name": name, "segment": "", "kind": "number" if numeric else "category"},
            level=level,
            **{"description": column.description, "unit": column.unit if numeric else ""},
            **{"measure": "hellinger" if numeric else "total_variation", "excess": excess},
            **{"effect": round(excess / 20, 4), "threshold": THRESHOLD},
            p_value=round(min(0.6 / (1 + excess**3), 1), 4),
            sentence="Within the range of the reference's own windows."
            if level == "quiet"
            else f"Differs from the reference, by {excess / 20:.3f} more than usual.",
            bins=bins(labels, 2 * excess if level != "quiet" else 0.3),
            line=points(excess, THRESHOLD),
        )


def score() -> ColumnFinding:
    """Return what was found about the model's answers."""
    return ColumnFinding(
        **{"name": "score", "segment": "", "kind": "number", "unit": ""},
        **{"description": "the model's score"},
        **{"level": "quiet", "measure": "ks", "effect": 0.012, "excess": 0.62, "threshold": 1.4},
        **{"p_value": 0.31, "sentence": "Within the range of the reference's own windows."},
        bins=bins(number_labels(0, 1), 0.5),
        line=points(0.62, 1.4),
    )


def quality() -> tuple[QualityFinding, ...]:
    """Return an unseen category, and a day of few rows."""
    unseen = QualityFinding(
        **{"column": "carrier", "check": "unseen", "level": "alarm", "observed": 0.062},
        **{"limit": 0.005, "days": 3},
        sentence="6.20% of the rows of 2013-07-07 have a category that the reference does not have: ZZ.",
    )
    few = QualityFinding(
        **{"column": "", "check": "few", "level": "watch", "observed": 0.55},
        **{"limit": 0.5, "days": 1, "sentence": "55% fewer rows than usual on 2013-07-07."},
    )
    return unseen, few


LEFT_OUT = LeftOut(
    **{"other_models": 31, "unusable_scores": 0, "repeats": 12, "too_young": 412},
    **{"without_key": 4, "contradictory": 7, "unusable_labels": 0, "without_label": 370},
)
PARTS = Parts(
    columns=Part(level="alarm", made=20, not_made=()),
    score=Part(level="quiet", made=1, not_made=()),
    quality=Part(
        level="alarm",
        made=84,
        not_made=(
            NotMade(
                cause="reference_has_too_many_categories",
                checks=("manufacturer: unseen",),
                reason="The reference has too many categories to know them all.",
            ),
        ),
    ),
    outcomes=Part(level="alarm", made=4, not_made=()),
)


def outcomes() -> OutcomesFinding:
    """Return a model that orders worse than it did, on most of its labels."""
    figures = [("roc_auc", 0.702, 0.74, 0.71, "alarm"), ("brier", 0.171, 0.158, 0.18, "quiet")]
    return OutcomesFinding(
        **{"level": "alarm", "sentence": "roc_auc is lower than the reference ever was by chance."},
        **{"predictions": 6213, "due": 5801, "labelled": 5420, "coverage": 0.9343},
        **{"min_coverage": 0.8, "left_out": LEFT_OUT},
        figures=tuple(
            Figure(
                **{"metric": metric, "value": value, "low": value - 0.02, "high": value + 0.02},
                **{"reference": reference, "limit": limit, "level": level},
                line=points(value, limit, 1.05 if limit < reference else 0.9, reach=0.02),
            )
            for metric, value, reference, limit, level in figures
        ),
        calibration=tuple(
            CalibrationBin(
                rows=542, score=round(0.05 + 0.08 * n, 3), observed=round(0.07 * n + 0.1, 3)
            )
            for n in range(10)
        ),
        advisory={"expected_roc_auc": 0.731, "expected_brier": 0.162},
    )


def example(**changes: Any) -> DriftReport:
    """Return a week with one drifted column, one alarm of quality, labels, and a half-filled day."""
    ranked = sorted(columns(flights()), key=lambda each: -(each.effect or 0))
    rows = (993, 986, 1001, 738, 964, 805, 412)
    values = {
        **{"schema": 2, "diagnosis": "retrain", "data": "flights", "model": "a1" * 32},
        "parts": PARTS,
        "reason": "Drifted in at least 2 of the last 3 windows: temp. Worse in 2 of the last 3 windows.",
        "window": Span(
            **{"first": FIRST, "last": FIRST + 6 * DAY, "zone": "America/New_York"},
            days=tuple(
                Day(day=FIRST + n * DAY, rows=each, complete=n < 6) for n, each in enumerate(rows)
            ),
        ),
        "settings": {"alpha": 0.05, "window_days": 7, "min_rows": 300, "seed": 13},
        "columns": tuple(ranked),
        **{"score": score(), "quality": quality(), "outcomes": outcomes()},
        "next_steps": (
            "Look at carrier first: incoming data has a category that training never saw.",
            "Train on newer rows: move conf/window, then run dvc repro.",
        ),
        "evidence": Evidence(
            files={f"profiles/2013-07-0{n}/server-1.bin": f"{n}" * 64 for n in range(1, 8)},
            **{"code_sha256": "c" * 64, "version": "0.1.0"},
        ),
    }
    return DriftReport(**(values | changes))


def small(**changes: Any) -> DriftReport:
    """Return the example with a number and a category alone."""
    return example(
        columns=tuple(each for each in example().columns if each.name in ("temp", "origin")),
        **changes,
    )


def respelled(value: Any, text: str) -> Any:
    """Return a report's JSON value with `text` in every place where a report holds free text."""
    fixed = {"kind", "level", "diagnosis", "cause", "model", "code_sha256", "first", "last", "day"}
    if isinstance(value, dict):
        kept = {key: each if key in fixed else respelled(each, text) for key, each in value.items()}
        return {text: "e" * 64} if "profiles/2013-07-01/server-1.bin" in value else kept
    if isinstance(value, list):
        return [respelled(each, text) for each in value]
    return text if isinstance(value, str) else value


def spelled(text: str, report: DriftReport) -> DriftReport:
    """Return a report with `text` for every name and sentence."""
    plain = report.plain()
    plain["settings"], plain["outcomes"]["advisory"] = {text: text}, {text: 0.5}
    return DriftReport.model_validate(respelled(plain, text), strict=False)


texts = st.text(max_size=300) | st.sampled_from(HOSTILE)
finite = st.floats(allow_nan=False, allow_infinity=False)
maybe = st.none() | finite
fractions = st.floats(0, 1)
counts = st.integers(0, 2**70)
levels = st.sampled_from(get_args(Level))
lines = st.lists(
    st.builds(Point, last=st.dates(), value=maybe, limit=maybe, low=maybe, high=maybe), max_size=5
).map(tuple)
some_bins = st.lists(
    st.builds(Bin, label=texts, reference=fractions, current=fractions), max_size=30
).map(tuple)
some_columns = st.builds(
    ColumnFinding,
    **{"name": texts, "segment": texts, "description": texts, "unit": texts},
    **{"measure": texts, "sentence": texts},
    **{"effect": maybe, "excess": maybe, "threshold": maybe, "p_value": st.none() | fractions},
    **{"level": levels, "bins": some_bins, "line": lines},
)
some_checks = st.builds(
    QualityFinding,
    **{"column": texts, "check": texts, "sentence": texts, "observed": finite},
    **{"limit": maybe, "days": st.none() | counts, "level": levels},
)
some_figures = st.builds(
    Figure,
    **{"metric": texts, "value": maybe, "low": maybe, "high": maybe, "reference": maybe},
    **{"limit": maybe, "level": st.none() | levels, "line": lines},
)
some_left_out = st.builds(LeftOut, **dict.fromkeys(LeftOut.model_fields, counts))
some_parts = st.builds(
    Part,
    **{"level": levels, "made": counts},
    not_made=st.lists(
        st.builds(
            NotMade,
            cause=st.sampled_from(get_args(Cause)),
            checks=st.lists(texts, max_size=8).map(tuple),
            reason=texts,
        ),
        max_size=2,
    ).map(tuple),
)
some_outcomes = st.builds(
    OutcomesFinding,
    **{"level": levels, "sentence": texts, "predictions": counts, "due": counts},
    **{"labelled": counts, "coverage": st.none() | fractions, "min_coverage": fractions},
    left_out=some_left_out,
    figures=st.lists(some_figures, max_size=2).map(tuple),
    calibration=st.lists(
        st.builds(CalibrationBin, rows=counts, score=finite, observed=finite), max_size=3
    ).map(tuple),
    advisory=st.dictionaries(texts, finite, max_size=2),
)
some_days = st.lists(
    st.builds(Day, day=st.dates(), rows=counts, complete=st.booleans()), max_size=9
)
reports = st.builds(
    example,
    **{"diagnosis": st.sampled_from(get_args(Diagnosis)), "reason": texts, "data": texts},
    parts=st.builds(Parts, **dict.fromkeys(Parts.model_fields, some_parts)),
    columns=st.lists(some_columns, max_size=2).map(tuple),
    score=st.none() | some_columns,
    quality=st.lists(some_checks, max_size=2).map(tuple),
    outcomes=st.none() | some_outcomes,
    next_steps=st.lists(texts, max_size=3).map(tuple),
    settings=st.dictionaries(texts, finite | st.integers() | texts, max_size=3),
    window=st.builds(
        Span, first=st.dates(), last=st.dates(), zone=texts, days=some_days.map(tuple)
    ),
    evidence=st.builds(
        Evidence,
        files=st.dictionaries(texts, st.just("f" * 64), max_size=3),
        **{"code_sha256": st.just("c" * 64), "version": texts},
    ),
)
"""Any that there can be, small enough to draw many."""
