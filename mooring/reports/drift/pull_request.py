"""A drift report as the text of a pull request: Markdown of tables and lines of text, without pictures.

In: a DriftReport. Out: Markdown in which every text from data is escaped, the diagnosis first. GitHub takes
65,536 characters and strips pictures that have no URL, so there are none.
"""

from collections.abc import Iterator, Sequence

from mooring.diagnosis.report import Bin, ColumnFinding, DriftReport, Part
from mooring.drift.levels import STANDS_OUT
from mooring.reports.drift import facts, tables
from mooring.reports.drift.label_coverage import coverage
from mooring.reports.drift.sparkline import sparkline
from mooring.reports.kit.markdown import escaped, table
from mooring.reports.kit.wording import number, percent

MOST_CHARACTERS = 60_000
MOST_ROWS = 40
"""The most rows of a table; report.json has all."""
MOST_DETAILS, MOST_BINS = 10, 8
"""The most columns that are described, and the most bins of each: those that changed most."""
LEFT_OUT = "*The rest is in report.json only.*"


def pull_request(report: DriftReport) -> str:
    """Return the text, shorter than 60,000 characters however much the report holds."""
    text = ""
    for block in _blocks(report):
        if len(text) + len(block) + len(LEFT_OUT) + 2 >= MOST_CHARACTERS:
            return f"{text}{LEFT_OUT}\n"
        text += f"{block}\n\n"
    return f"{text.rstrip()}\n"


def _blocks(report: DriftReport) -> Iterator[str]:
    yield f"## Drift of {escaped(facts.title(report))}: {facts.spoken(report.diagnosis)}"
    yield f"**{escaped(facts.DECISIONS[report.diagnosis])}** {_sentence(report.reason)}"
    yield escaped(facts.subject(report))
    yield "### What to do next"
    steps = report.next_steps[:MOST_ROWS] or ("Nothing.",)
    yield "\n".join(f"{n}. {_sentence(step)}" for n, step in enumerate(steps, 1))
    yield table(
        ("part", "level", "found", "not checked"),
        [
            (part.name, facts.marked(part.level), part.found, part.not_checked or "none")
            for part in facts.parts(report)
        ],
    )
    yield from _columns(report)
    yield from _quality(report)
    yield from _outcomes(report)
    yield "### Window"
    yield _table(tables.DAYS, tables.days(report, MOST_ROWS), len(report.window.days))
    yield "### Evidence"
    yield "Anybody can make this report again from these files: `mooring drift verify`."
    yield table(("fact", "value"), [*tables.origin(report), *tables.settings(report, MOST_ROWS)])
    yield _table(("file", "sha256"), tables.files(report, MOST_ROWS), len(report.evidence.files))


def _columns(report: DriftReport) -> Iterator[str]:
    yield "### Columns, the largest effect first"
    if not report.columns:
        yield "No column was judged."
        yield from _not_checked(report.parts.columns)
        return
    shown = zip(tables.columns(report, MOST_ROWS), report.columns, strict=False)
    rows = [(*row, sparkline(column.line)) for row, column in shown]
    yield _table((*tables.COLUMNS, "excess over time"), rows, len(report.columns))
    judged = [*report.columns, *([report.score] if report.score else [])]
    yield from _not_checked(report.parts.columns)
    for column in [each for each in judged if each.level in STANDS_OUT][:MOST_DETAILS]:
        yield from _details(column)


def _details(column: ColumnFinding) -> Iterator[str]:
    yield f"#### {escaped(facts.named(column.spoken))}: {facts.marked(column.level)}"
    yield f"Finding: {_sentence(column.sentence)} {escaped(facts.beyond(column))}"
    moved = sorted(column.bins, key=lambda row: -abs(row.current - row.reference))[:MOST_BINS]
    rows = [row for row in column.bins if row in moved]
    if rows:
        yield table((*tables.BINS, "change"), [_bin(row) for row in rows[:MOST_BINS]])


def _bin(shares: Bin) -> Sequence[str]:
    change = 100 * (shares.current - shares.reference)
    name = facts.named(shares.label)
    return name, percent(shares.reference), percent(shares.current), f"{change:+.1f} points"


def _quality(report: DriftReport) -> Iterator[str]:
    yield "### Quality of incoming data"
    if report.quality:
        yield _table(tables.CHECKS, tables.checks(report, MOST_ROWS), len(report.quality))
    else:
        yield f"{escaped(facts.of_quality(report).capitalize())}."
    yield from _not_checked(report.parts.quality)


def _not_checked(part: Part) -> Iterator[str]:
    if part.not_made:
        yield escaped(facts.not_checked(part))


def _outcomes(report: DriftReport) -> Iterator[str]:
    yield "### Model quality"
    outcomes = report.outcomes
    if outcomes is None:
        yield escaped(coverage(report))
        return
    yield f"{facts.marked(outcomes.level)}: {_sentence(outcomes.sentence)} {escaped(coverage(report))}"
    lines = [sparkline(figure.line) for figure in outcomes.figures]
    shown = zip(tables.figures(report, MOST_ROWS), lines, strict=False)
    yield _table((*tables.FIGURES, "over time"), [(*row, bars) for row, bars in shown], len(lines))
    if outcomes.calibration:
        rows = [
            (f"{score_bin.rows:,}", number(score_bin.score), number(score_bin.observed))
            for score_bin in outcomes.calibration
        ]
        yield _table(("rows", "mean score", "mean label"), rows[:MOST_ROWS], len(rows))
    if outcomes.advisory:
        yield "Estimates without labels are advisory: they decide nothing."
        yield table(("estimate", "value"), tables.advisory(report, MOST_ROWS))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], total: int) -> str:
    """Return a table, with a note on how many rows it leaves out."""
    if not rows:
        return "None."
    more = f"\n\n{total - len(rows)} more are in report.json." if total > len(rows) else ""
    return table(head, rows) + more


def _sentence(text: str) -> str:
    return escaped(facts.sentence(text))
