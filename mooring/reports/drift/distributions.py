"""The picture of a column's distribution: its shares by bin, reference beside current.

In: a ColumnFinding. Out: a chart. The summary says what the picture leaves out.
"""

from collections.abc import Callable, Sequence
from typing import Any

from mooring.diagnosis.report import Bin, ColumnFinding
from mooring.reports.kit.drawing import INK, MAIN, Axes, Chart, draw, label, legend_above
from mooring.reports.kit.wording import percent

MOST_BARS = 14
"""The most categories; the others share one bar."""
MOST_BINS = 60
"""The most bins of a number."""
ACROSS = 52
"""Characters that fit below a picture."""
Paint = Callable[[Axes], None]


def distribution(column: ColumnFinding, name: str) -> Chart | None:
    """Return the shares by bin, reference beside current; None where there are no bins."""
    if not column.bins:
        return None
    numeric = column.kind == "number"
    bins = list(column.bins[:MOST_BINS]) if numeric else _gathered(column.bins)
    paint = _histogram(bins) if numeric else _bars(bins)
    moved = max(bins, key=lambda each: abs(each.current - each.reference))
    summary = (
        f"Reference (filled) and current (outlined) shares of rows in {len(bins)} bins. "
        f"Largest change: {label(moved.label)}, from {percent(moved.reference)} "
        f"to {percent(moved.current)}."
    )
    if numeric and len(column.bins) > len(bins):
        summary += f" {len(column.bins) - len(bins)} more bins are not drawn."
    height = 2.6 if numeric else 0.9 + 0.24 * len(bins)
    return draw(name, "Reference and current", summary, paint, height=height)


def _gathered(bins: Sequence[Bin]) -> list[Bin]:
    """Return the bins that moved most, in their order, and one of all others."""
    if len(bins) <= MOST_BARS:
        return list(bins)
    moved = sorted(bins, key=lambda bar: -abs(bar.current - bar.reference))
    kept = {id(bar) for bar in moved[: MOST_BARS - 1]}
    others = [bar for bar in bins if id(bar) not in kept]
    rest = Bin(
        label=f"{len(others)} others",
        reference=min(sum(bar.reference for bar in others), 1.0),
        current=min(sum(bar.current for bar in others), 1.0),
    )
    return [*(bar for bar in bins if id(bar) in kept), rest]


def _histogram(bins: Sequence[Bin]) -> Paint:
    def paint(axes: Axes) -> None:
        edges = [place - 0.5 for place in range(len(bins) + 1)]
        for shares, style in _both(bins):
            axes.stairs(shares, edges, **style)
        texts = [_in_two(each.label) for each in bins]
        shown = _ticks(len(bins), max(len(part) for text in texts for part in text.split("\n")))
        axes.set_xticks(shown, [texts[place] for place in shown])
        axes.set_ylabel("share of rows (%)")
        legend_above(axes, 2)

    return paint


def _bars(bins: Sequence[Bin]) -> Paint:
    def paint(axes: Axes) -> None:
        edges = [place + side for place in range(len(bins)) for side in (-0.38, 0.38)]
        for shares, style in _both(bins):
            apart = [value for share in shares for value in (share, 0.0)][:-1]
            axes.stairs(apart, edges, orientation="horizontal", **style)
        axes.grid(False, axis="y")
        axes.set_yticks(range(len(bins)), [label(bar.label, 18) for bar in bins])
        axes.set_ylim(len(bins) - 0.4, -0.6)
        axes.set_xlabel("share of rows (%)")
        legend_above(axes, 2)

    return paint


def _both(bins: Sequence[Bin]) -> list[tuple[list[float], dict[str, Any]]]:
    """Return the percentages of reference and current, and how each is drawn."""
    filled = {"fill": True, "color": INK, "alpha": 0.4, "label": "reference"}
    outlined = {"color": MAIN, "linewidth": 1.8, "label": "current"}
    return [
        ([100 * each.reference for each in bins], filled),
        ([100 * each.current for each in bins], outlined),
    ]


def _in_two(text: str) -> str:
    """Return the label of a bin of numbers; a long one gets two lines, since many are side by side."""
    short = label(text)
    parted = len(short) > 8 and not short.startswith("up to ")
    return short.replace(" to ", "\nto ", 1) if parted else short


def _ticks(n: int, length: int) -> list[int]:
    """Return the places, including first and last, that leave room for texts of `length`."""
    most = max(min(ACROSS // (length + 2), n), 2)
    return sorted({round(step * (n - 1) / (most - 1)) for step in range(most)})
