"""The model card: one Markdown file that Git keeps and that can be read on its own.

In: the findings. Out: Markdown in which every text from data or conf/ is escaped.
"""

import re
from collections.abc import Iterable, Sequence

from mooring.reports import facts
from mooring.reports.findings import Findings
from mooring.reports.wording import count, number

_LENGTH = 600
_SPECIAL = re.compile(r"[\\`*\[\]<>|~#!$&@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.")


def model_card(findings: Findings) -> str:
    """Return the card; the same findings give the same bytes."""
    verdict = findings.verdict
    blocks = [
        f"# Model card: {escaped(findings.card['name'])} on {escaped(findings.data.name)}",
        "Written by the report stage; `reports/index.html` has the pictures.",
        f"## Verdict: {verdict['verdict']}",
        escaped(facts.decision(findings)),
        _table(
            ("rule", "outcome", "finding"),
            [(rule["rule"], rule["outcome"], rule["detail"]) for rule in verdict["rules"]],
        ),
        "## What was trained",
        _table(("fact", "value"), facts.what(findings)),
        "## On what",
        _table(("fact", "value"), [*facts.data(findings), *facts.windows(findings)]),
        "## How good it is",
        _table(("measure on the test window", "value", "floor"), facts.metrics(findings)),
        *_worst(findings),
        "## Against the champion",
        escaped(facts.champion(findings)),
        *_pins(findings),
        "## Parity",
        escaped(facts.parity(findings)),
        "## Parameters",
        _table(("parameter", "value"), facts.parameters(findings)),
        "## Libraries",
        _table(("library", "version"), facts.libraries(findings)),
    ]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """Return untrusted text as one line of Markdown in which nothing is markup, cut when long."""
    line = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(line.split())
    cut = line if len(line) <= _LENGTH else f"{line[: _LENGTH - 1]}…"
    return _SPECIAL.sub(lambda special: f"\\{special.group()}", cut)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _worst(findings: Findings) -> list[str]:
    if not findings.worst:
        return []
    rows = [
        (metric, f"{row['column']}={row['value']}", number(row[metric]), count(row["n"]))
        for metric, row in sorted(findings.worst.items())
    ]
    return [_table(("metric", "worst slice", "value", "rows"), rows)]


def _pins(findings: Findings) -> list[str]:
    pins = facts.pins(findings)
    return [_table(("fact", "value"), pins)] if pins else []
