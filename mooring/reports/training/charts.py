"""The charts of the training report: those of the task, and those of both tasks.

In: the findings. Out: charts, the most important first.
"""

from mooring.reports.kit.drawing import (
    BAD,
    INK,
    MAIN,
    SECOND,
    Axes,
    Chart,
    draw,
    label,
    legend_above,
)
from mooring.reports.kit.wording import count, interval, number, signed
from mooring.reports.training import classification, regression
from mooring.reports.training.findings import Facts, Findings
from mooring.reports.training.ordering import better, worst_first

CHARTS_OF_TASK = {
    "classification": classification.charts,
    "regression": regression.charts,
}
MOST_BARS = 25
"""The most slices or inputs in a chart; the tables have all."""


def charts(findings: Findings) -> list[Chart]:
    """Return every chart that has data."""
    drawn = CHARTS_OF_TASK[findings.data.task](findings)
    if findings.comparison["overall"] is not None:
        drawn.insert(0, _champion(findings))
    if any(row[findings.gate.metric] is not None for row in findings.slices):
        drawn.append(_slices(findings))
    if len(findings.plots["importance"]):
        drawn.append(_importance(findings))
    if len(findings.trials):
        drawn.append(_trials(findings))
    return drawn


def _champion(findings: Findings) -> Chart:
    overall: Facts = findings.comparison["overall"]
    slices: dict[str, Facts] = findings.comparison["slices"]
    known = {name: lead for name, lead in slices.items() if lead["difference"] is not None}
    shown = sorted(known, key=lambda name: float(known[name]["difference"]))[:MOST_BARS]
    rows = [("all rows", overall), *((name, known[name]) for name in shown)]
    gate = findings.gate

    def paint(axes: Axes) -> None:
        _horizontal(axes, [f"{label(name)} ({count(lead['n'])})" for name, lead in rows])
        axes.axvline(0, color=INK, linewidth=1)
        for place, (_, lead) in enumerate(rows):
            margin = gate.slice_margin if place else gate.margin
            axes.plot([-margin, -margin], [place - 0.35, place + 0.35], color=BAD, linewidth=1.5)
            if lead["difference"] is None:
                continue
            colour = SECOND if place else MAIN
            if lead["low"] is not None:
                axes.plot([lead["low"], lead["high"]], [place, place], color=colour)
            axes.plot([lead["difference"]], [place], color=colour, marker="o", markersize=5)
        axes.set_xlabel(f"lead in {gate.metric} (right is better)")

    left_out = len(slices) - len(shown)
    summary = (
        f"Lead of the challenger in {gate.metric} on all rows: {signed(overall['difference'])}, "
        f"{interval(overall)}. Red marks show the margin that the gate allows."
        + (f" {left_out} of {len(slices)} slices are not shown." if left_out else "")
    )
    title = "Challenger compared with champion"
    return draw("champion", title, summary, paint, height=1.3 + 0.24 * len(rows))


def _slices(findings: Findings) -> Chart:
    metric = findings.gate.metric
    rows = worst_first(findings)[:MOST_BARS]
    names = [f"{label(str(row['column']))}={label(str(row['value']))}" for row in rows]
    whole = findings.metrics[metric]

    def paint(axes: Axes) -> None:
        _horizontal(
            axes,
            [f"{name} ({count(int(row['n']))})" for name, row in zip(names, rows, strict=True)],
        )
        if whole is not None:
            axes.axvline(
                whole, color=INK, linestyle="--", linewidth=1, label=f"all rows {number(whole)}"
            )
        values = [row[metric] for row in rows]
        axes.plot(
            values[1:], range(1, len(rows)), color=MAIN, linestyle="none", marker="o", markersize=5
        )
        axes.plot(
            values[:1],
            [0],
            color=BAD,
            linestyle="none",
            marker="D",
            markersize=7,
            label=f"worst {number(values[0])}",
        )
        axes.set_xlabel(f"{metric} ({better(metric)} is better)")
        axes.set_ylabel("slice (rows)")
        legend_above(axes, 2)

    left_out = len(findings.slices) - len(rows)
    there = f"{number(rows[0][metric])} on {count(int(rows[0]['n']))} rows"
    summary = (
        f"Worst in {metric}: {names[0]} with {there}, compared with {number(whole)} on all rows."
    )
    if left_out:
        summary += f" Shown are the {len(rows)} worst of {len(findings.slices)} slices."
    return draw("slices", "Slices", summary, paint, height=1.7 + 0.24 * len(rows))


def _importance(findings: Findings) -> Chart:
    table = findings.plots["importance"]
    names = table.texts("column")[:MOST_BARS]
    values = table.numbers("importance")[:MOST_BARS]
    errors = table.numbers("standard_error")[:MOST_BARS]
    metric = findings.gate.metric

    def paint(axes: Axes) -> None:
        _horizontal(axes, [label(name) for name in names])
        axes.barh(range(len(names)), values, color=MAIN, height=0.65)
        for place, (value, error) in enumerate(zip(values, errors, strict=True)):
            if error == error:  # undefined after one repeat
                axes.plot([value - error, value + error], [place, place], color=INK, linewidth=1)
        axes.set_xlabel(f"loss of {metric} when the input is shuffled")

    leaders = ", ".join(
        f"{label(name)} {number(value)}"
        for name, value in list(zip(names, values, strict=True))[:3]
    )
    summary = (
        f"How much {metric} is lost when one input is shuffled, with its standard error as a line. "
        f"Most important: {leaders}."
    )
    return draw(
        "importance", "Permutation importance", summary, paint, height=1.0 + 0.24 * len(names)
    )


def _trials(findings: Findings) -> Chart:
    table = findings.trials
    numbers, values = table.numbers("trial"), table.numbers("value")
    complete = [state == "complete" for state in table.texts("state")]
    metric = findings.search_metric or "value"

    def paint(axes: Axes) -> None:
        for wanted, colour, marker, name in (
            (True, MAIN, "o", "complete"),
            (False, SECOND, "x", "stopped early, on fewer folds"),
        ):
            kept = [place for place, each in enumerate(complete) if each is wanted]
            axes.plot(
                [numbers[place] for place in kept], [values[place] for place in kept],
                color=colour, linestyle="none", marker=marker, markersize=5, label=name,
            )  # fmt: skip
        axes.plot(
            numbers, table.numbers("best"), color=INK, drawstyle="steps-post", label="best so far"
        )
        axes.set_xlabel("trial (number)")
        axes.set_ylabel(f"{metric} in cross-validation")
        legend_above(axes, 3)

    best = [value for value in table.numbers("best") if value == value]
    found = f"best {metric} {number(best[-1])}" if best else "none complete"
    summary = f"{len(table)} trials, {sum(complete)} of them complete: {found}."
    return draw("trials", "Search", summary, paint)


def _horizontal(axes: Axes, names: list[str]) -> None:
    """Arrange one row for each name from the top down."""
    axes.grid(False, axis="y")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
