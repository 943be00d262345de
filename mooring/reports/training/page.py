"""The training report as one self-contained page: the verdict first, then its evidence.

In: the findings and their charts. Out: HTML without external resources or scripts. The template engine
escapes texts; only the charts, which escape their own texts, are inserted unchanged.
"""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from mooring.config.metric import METRICS_OF_TASK
from mooring.reports.kit.drawing import Chart
from mooring.reports.kit.rendering import render
from mooring.reports.kit.wording import count, interval, number, signed
from mooring.reports.training import facts
from mooring.reports.training.findings import Facts, Findings
from mooring.reports.training.ordering import better, worst_first

TEMPLATE = "page.html.j2"
MOST_SLICES = 150
"""The most slices on the page, the worst first; reports/evaluation/slices.json has all."""
STATES = {"merge": "good", "do_not_merge": "bad", "cannot_tell": "unsure"}
"""The class in style.css of each verdict."""
STEPS = {
    "merge": (
        ("dvc push", "upload the outputs so that others can fetch them"),
        ("git add conf params.yaml dvc.lock reports", "stage the evidence"),
        ("git commit", "commit it and open a pull request, so that it can become a release"),
    ),
    "do_not_merge": (
        ("dvc exp run -S model=forest", "try another model of conf/model"),
        ("dvc exp run -S search=tpe", "search for better parameters"),
        ("dvc metrics diff", "compare with the last commit"),
    ),
    "cannot_tell": (
        (
            "dvc repro",
            "run again with a longer test window in conf/window, or once more labels have arrived",
        ),
        ("mooring champion fetch", "if the champion's files are missing"),
        ("mooring doctor", "if you suspect a problem with this machine"),
    ),
}
ALWAYS = (
    ("mooring gate", "print the verdict; exits 1 unless it is merge"),
    ("dvc metrics diff HEAD~1", "compare the metrics with those of the previous commit"),
    ("dvc plots diff HEAD~1", "compare the curves"),
)


def page(findings: Findings, charts: Sequence[Chart]) -> str:
    """Return the page; the same findings and charts give the same bytes."""
    verdict = findings.verdict
    return render(
        Path(__file__).with_name(TEMPLATE),
        title=f"{findings.card['name']} on {findings.data.name}",
        verdict=verdict["verdict"],
        state=STATES[verdict["verdict"]],
        decision=facts.decision(findings),
        reasons=verdict["reasons"],
        rules=verdict["rules"],
        what=facts.what(findings),
        data=facts.data(findings),
        windows=facts.windows(findings),
        metrics=facts.metrics(findings),
        champion=facts.champion(findings),
        pins=facts.pins(findings),
        compared=_compared(findings),
        parity=facts.parity(findings),
        worst=_worst(findings),
        slices=_slices(findings),
        charts=[(chart, Markup(chart.svg)) for chart in charts],  # noqa: S704
        parameters=facts.parameters(findings),
        libraries=facts.libraries(findings),
        steps=[*STEPS[verdict["verdict"]], *ALWAYS],
    )


def _worst(findings: Findings) -> list[Sequence[str]]:
    """Return metric, worst slice, its value and rows, and the value on all rows."""
    return [
        (
            f"{metric} ({better(metric)} is better)",
            f"{row['column']}={row['value']}",
            number(row[metric]),
            count(row["n"]),
            number(findings.metrics[metric]),
        )
        for metric, row in findings.worst.items()
    ]


def _slices(findings: Findings) -> Facts:
    """Return the head and the rows of the table of slices, the worst first, and its size."""
    columns = METRICS_OF_TASK[findings.data.task]
    undefined = [row for row in findings.slices if row[findings.gate.metric] is None]
    rows = [*worst_first(findings), *undefined][:MOST_SLICES]
    return {
        "metric": findings.gate.metric,
        "head": columns,
        "rows": [
            (
                f"{row['column']}={row['value']}",
                count(row["n"]),
                [number(row[column]) for column in columns],
            )
            for row in rows
        ],
        "total": len(findings.slices),
    }


def _compared(findings: Findings) -> list[Sequence[str]]:
    """Return slice, rows, challenger, champion, lead and interval, the worst lead first."""
    slices: dict[str, Facts] = findings.comparison["slices"]

    def lead(name: str) -> tuple[bool, float]:
        difference = slices[name]["difference"]
        return difference is None, difference or 0.0

    return [
        (
            name,
            count(row["n"]),
            number(row["challenger"]),
            number(row["champion"]),
            signed(row["difference"]),
            interval(row),
        )
        for name, row in ((name, slices[name]) for name in sorted(slices, key=lead)[:MOST_SLICES])
    ]
