"""The picture of a model's calibration: rows of similar scores, and their labels.

In: the bins of an OutcomesFinding. Out: a chart, or None where there are none.
"""

from collections.abc import Sequence

from mooring.diagnosis.report import CalibrationBin
from mooring.reports.drift.lines import drawable
from mooring.reports.kit.drawing import INK, MAIN, Axes, Chart, draw
from mooring.reports.kit.wording import count, number

MOST_BINS = 50


def calibration(bins: Sequence[CalibrationBin], name: str) -> Chart | None:
    """Return the mean label against the mean score of each bin."""
    shown = sorted(bins, key=lambda one: one.score)[:MOST_BINS]
    if not shown:
        return None
    furthest = max(shown, key=lambda one: abs(one.observed - one.score))
    rows = sum(one.rows for one in shown)
    summary = (
        f"{count(rows)} labelled rows in {len(shown)} bins of similar scores. Largest gap: where the mean "
        f"score is {number(furthest.score)}, the mean label is {number(furthest.observed)}."
    )

    def paint(axes: Axes) -> None:
        scores = [drawable(one.score) for one in shown]
        labels = [drawable(one.observed) for one in shown]
        low, high = min(*scores, *labels, 0.0), max(*scores, *labels, 0.0)
        room = max(0.05 * (high - low), 1e-6)
        ends = [low - room, high + room]
        axes.plot(ends, ends, color=INK, linestyle="--", linewidth=1, label="equal")
        axes.plot(scores, labels, color=MAIN, marker="o", markersize=5, label="bins")
        axes.set_xlim(*ends)
        axes.set_ylim(*ends)
        axes.set_xlabel("mean score in the bin")
        axes.set_ylabel("mean label in the bin")
        axes.legend(loc="upper left")

    return draw(name, "Calibration", summary, paint, height=3.2)
