"""The charts of a classification model.

In: the findings. Out: one chart for each curve that is defined.
"""

from collections.abc import Callable

from mooring.reports.kit.drawing import (
    BAD,
    GRID,
    INK,
    MAIN,
    SECOND,
    THIRD,
    Axes,
    Chart,
    draw,
    legend_above,
)
from mooring.reports.kit.wording import count, number, percent
from mooring.reports.training.findings import CsvTable, Findings


def charts(findings: Findings) -> list[Chart]:
    """Return the charts whose tables have rows."""
    drawn: list[tuple[str, Callable[[Findings, CsvTable], Chart]]] = [
        ("roc", _roc),
        ("precision_recall", _precision_recall),
        ("calibration", _calibration),
        ("confusion", _confusion),
        ("thresholds", _thresholds),
    ]
    return [
        chart(findings, findings.plots[name]) for name, chart in drawn if len(findings.plots[name])
    ]


def _roc(findings: Findings, table: CsvTable) -> Chart:
    area = number(findings.metrics["roc_auc"])

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1, label="chance (0.5)")
        axes.plot(
            table.numbers("fpr"), table.numbers("tpr"), color=MAIN, label=f"challenger ({area})"
        )
        _shares(axes, "false positive rate (share of negatives)", "true positive rate")
        axes.legend(loc="lower right", title="area under the curve")

    summary = (
        f"Area under the curve {area} on {count(findings.metrics['n'])} held-out rows; "
        "chance is 0.5, a perfect ranking is 1."
    )
    return draw("roc", "ROC curve", summary, paint)


def _precision_recall(findings: Findings, table: CsvTable) -> Chart:
    base = findings.metrics["positives"] / findings.metrics["n"]
    average = number(findings.metrics["average_precision"])

    def paint(axes: Axes) -> None:
        axes.axhline(
            base, color=INK, linestyle="--", linewidth=1, label=f"base rate {number(base)}"
        )
        axes.plot(
            table.numbers("recall"), table.numbers("precision"), color=MAIN,
            drawstyle="steps-pre", label="challenger",
        )  # fmt: skip
        _shares(
            axes,
            "recall (share of positives that are flagged)",
            "precision (share of flagged rows that are positive)",
        )
        axes.legend(loc="upper right")

    summary = (
        f"Average precision {average}; flagging rows at random gives the base rate, "
        f"{number(base)}: {count(findings.metrics['positives'])} positives "
        f"in {count(findings.metrics['n'])} rows."
    )
    return draw("precision-recall", "Precision and recall", summary, paint)


def _calibration(findings: Findings, table: CsvTable) -> Chart:
    scores, shares = table.numbers("mean_score"), table.numbers("observed_frac")
    low, high = table.numbers("low"), table.numbers("high")
    errors = [
        [max(share - bound, 0) for share, bound in zip(shares, low, strict=True)],
        [max(bound - share, 0) for share, bound in zip(shares, high, strict=True)],
    ]

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1, label="equal")
        axes.errorbar(
            scores, shares, yerr=errors, color=MAIN, marker="o", markersize=4, linewidth=1.2,
            capsize=3, label="bins, 95% interval",
        )  # fmt: skip
        _shares(axes, "mean score in the bin", "share of positives in the bin")
        axes.legend(loc="upper left")

    furthest = max(range(len(table)), key=lambda position: abs(scores[position] - shares[position]))
    summary = (
        f"Expected calibration error {number(findings.metrics['expected_calibration_error'])} over "
        f"{len(table)} bins of equal count, with Wilson intervals. Furthest off: where the mean "
        f"score is {number(scores[furthest])}, {number(shares[furthest])} of the rows are positive."
    )
    return draw("calibration", "Calibration", summary, paint)


def _confusion(findings: Findings, table: CsvTable) -> Chart:
    cells = {
        (int(row["actual"]), int(row["predicted"])): int(row["n"]) for row in table.rows
    }  # (actual, predicted)
    total = sum(cells.values()) or 1
    columns, rows = ("not flagged", "flagged"), ("negative", "positive")

    def paint(axes: Axes) -> None:
        axes.grid(False)
        axes.spines[:].set_visible(False)
        for (actual, predicted), n in cells.items():
            right = actual == predicted
            axes.barh(
                actual, 0.96, left=predicted - 0.48, height=0.94, color=MAIN if right else BAD,
                alpha=0.08 + 0.3 * n / total, linewidth=0,
            )  # fmt: skip
            axes.text(
                predicted, actual, f"{count(n)}\n{percent(n / total)}", ha="center", va="center",
                fontsize=13,
            )  # fmt: skip
        axes.set_xticks([0, 1], columns)
        axes.set_yticks([0, 1], rows)
        axes.tick_params(length=0)
        axes.set_xlabel("decision (rows)")
        axes.set_ylabel("actual (rows)")

    summary = (
        f"With scores of {_threshold(findings):g} and more flagged: "
        + ", ".join(f"{row['outcome']} {count(int(row['n']))}" for row in table.rows)
        + " rows."
    )
    return draw("confusion", "Confusion", summary, paint, height=3.0)


def _thresholds(findings: Findings, table: CsvTable) -> Chart:
    chosen = _threshold(findings)
    lines = (
        ("precision", "precision", MAIN, "-"),
        ("recall", "recall", SECOND, "--"),
        ("f1", "F1", THIRD, "-."),
        ("flagged_frac", "share flagged", INK, ":"),
    )

    def paint(axes: Axes) -> None:
        axes.axvline(chosen, color=GRID, linewidth=4, alpha=0.6)
        for column, name, colour, style in lines:
            axes.plot(
                table.numbers("threshold"), table.numbers(column),
                color=colour, linestyle=style, label=name,
            )  # fmt: skip
        _shares(axes, "threshold (score)", "share")
        legend_above(axes, 4)

    nearest = min(table.rows, key=lambda row: abs(float(row["threshold"]) - chosen))
    said = ", ".join(
        f"{name} {number(float(nearest[column]))}" for column, name, *_ in lines if nearest[column]
    )
    summary = f"At {float(nearest['threshold']):g}: {said}. The broad line marks {chosen:g}."
    return draw("thresholds", "Precision, recall and flagged share by threshold", summary, paint)


def _threshold(findings: Findings) -> float:
    """Return the threshold in use; evaluate uses 0.5 if conf/report has none."""
    return 0.5 if findings.report.threshold is None else findings.report.threshold


def _shares(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
