"""The charts of a regression model.

In: the findings. Out: one chart for each table that has rows.
"""

from collections.abc import Callable

from mooring.reports.kit.drawing import INK, MAIN, Axes, Chart, draw, label
from mooring.reports.kit.wording import count, number
from mooring.reports.training.findings import CsvTable, Findings

QUANTILES = {
    "absolute_error_p50": "50%",
    "absolute_error_p90": "90%",
    "absolute_error_p95": "95%",
    "absolute_error_p99": "99%",
}


def charts(findings: Findings) -> list[Chart]:
    """Return the charts whose tables have rows, and the errors."""
    drawn: list[tuple[str, Callable[[Findings, CsvTable], Chart]]] = [
        ("residuals", _residuals),
        ("mean_calibration", _mean_calibration),
    ]
    shown = [
        chart(findings, findings.plots[name]) for name, chart in drawn if len(findings.plots[name])
    ]
    if findings.metrics.get("absolute_error_p50") is not None:
        shown.append(_errors(findings))
    return shown


def _residuals(findings: Findings, table: CsvTable) -> Chart:
    def paint(axes: Axes) -> None:
        axes.axhline(0, color=INK, linestyle="--", linewidth=1)
        axes.plot(
            table.numbers("predicted"), table.numbers("residual"), color=MAIN, alpha=0.7,
            linestyle="none", marker="o", markersize=3, markeredgewidth=0,
        )  # fmt: skip
        axes.set_xlabel(f"predicted ({_unit(findings)})")
        axes.set_ylabel("actual minus predicted")

    summary = (
        f"{count(len(table))} of {count(findings.metrics['n'])} held-out rows, drawn with the "
        f"seed. Bias, the mean of predicted minus actual: {number(findings.metrics['bias'])}."
    )
    return draw("residuals", "Residuals", summary, paint)


def _mean_calibration(findings: Findings, table: CsvTable) -> Chart:
    scores, targets = table.numbers("mean_score"), table.numbers("mean_target")
    ends = [min(scores + targets), max(scores + targets)]

    def paint(axes: Axes) -> None:
        axes.plot(ends, ends, color=INK, linestyle="--", linewidth=1, label="equal")
        axes.plot(
            scores, targets, color=MAIN, marker="o", markersize=4, linewidth=1.2, label="bins"
        )
        axes.set_xlabel(f"mean prediction in the bin ({_unit(findings)})")
        axes.set_ylabel("mean actual value in the bin")
        axes.legend(loc="upper left")

    furthest = max(range(len(table)), key=lambda place: abs(scores[place] - targets[place]))
    summary = (
        f"{len(table)} bins of equal count. Furthest off: {number(scores[furthest])} is predicted "
        f"where the actual mean is {number(targets[furthest])}."
    )
    return draw("mean-calibration", "Calibration of the mean", summary, paint)


def _errors(findings: Findings) -> Chart:
    values = [findings.metrics[name] for name in QUANTILES]
    names = list(QUANTILES.values())

    def paint(axes: Axes) -> None:
        axes.grid(False, axis="y")
        bars = axes.barh(names[::-1], values[::-1], color=MAIN, height=0.6)
        axes.bar_label(bars, [number(value) for value in values[::-1]], padding=4)
        axes.margins(x=0.15)
        axes.set_xlabel(f"absolute error ({_unit(findings)})")
        axes.set_ylabel("share of the rows")

    said = ", ".join(
        f"{name} of the rows at most {number(value)}"
        for name, value in zip(names, values, strict=True)
    )
    return draw("errors", "Size of the errors", f"Absolute errors: {said}.", paint, height=2.6)


def _unit(findings: Findings) -> str:
    return label(findings.data.target.unit)
