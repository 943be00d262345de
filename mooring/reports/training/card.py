"""The model card: one self-contained Markdown file, kept in Git.

In: the findings. Out: Markdown in which every text from data or conf/ is escaped.
"""

from mooring.reports.kit.markdown import escaped, table
from mooring.reports.kit.wording import count, number
from mooring.reports.training import facts
from mooring.reports.training.findings import Findings


def model_card(findings: Findings) -> str:
    """Return the card; the same findings give the same bytes."""
    verdict = findings.verdict
    blocks = [
        f"# Model card: {escaped(findings.card['name'])} on {escaped(findings.data.name)}",
        "Written by the report stage; `reports/index.html` has the charts.",
        f"## Verdict: {verdict['verdict']}",
        escaped(facts.decision(findings)),
        table(
            ("rule", "result", "finding"),
            [(rule["rule"], rule["result"], rule["detail"]) for rule in verdict["rules"]],
        ),
        "## Model",
        table(("fact", "value"), facts.what(findings)),
        "## Data",
        table(("fact", "value"), [*facts.data(findings), *facts.windows(findings)]),
        "## Metrics",
        table(("metric on the test window", "value", "floor"), facts.metrics(findings)),
        *_worst(findings),
        "## Compared with the champion",
        escaped(facts.champion(findings)),
        *_pins(findings),
        "## Parity",
        escaped(facts.parity(findings)),
        "## Parameters",
        table(("parameter", "value"), facts.parameters(findings)),
        "## Libraries",
        table(("library", "version"), facts.libraries(findings)),
    ]
    return "\n\n".join(blocks) + "\n"


def _worst(findings: Findings) -> list[str]:
    if not findings.worst:
        return []
    rows = [
        (metric, f"{row['column']}={row['value']}", number(row[metric]), count(row["n"]))
        for metric, row in sorted(findings.worst.items())
    ]
    return [table(("metric", "worst slice", "value", "rows"), rows)]


def _pins(findings: Findings) -> list[str]:
    pins = facts.pins(findings)
    return [table(("fact", "value"), pins)] if pins else []
