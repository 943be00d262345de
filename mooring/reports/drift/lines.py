"""The pictures of what changes with time: one point per window, and those beyond the limit.

In: the line of a column or of a figure. Out: a chart, or None if no window has a value.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mooring.diagnosis.report import ColumnFinding, Figure, Point
from mooring.reports.drift.facts import named
from mooring.reports.kit.drawing import BAD, INK, MAIN, SECOND, Axes, Chart, draw, legend_above
from mooring.reports.kit.wording import number

MOST_POINTS = 60
"""The most points: the newest."""
MOST_DATES = 4
"""The most dates below a picture."""
FURTHEST = 1e9
"""Values further out are drawn there, so that no axis overflows."""


class Scale(NamedTuple):
    """What a line measures."""

    name: str
    limit: str
    """The name of its limit."""
    falls: bool
    """Whether lower is worse."""
    reference: float | None = None


def column_line(column: ColumnFinding, name: str) -> Chart | None:
    """Return a column's excess, window by window, with the threshold of the family."""
    scale = Scale("excess", "threshold", falls=False)
    return _line(column.line, name, "Excess over time", scale)


def figure_line(figure: Figure, name: str) -> Chart | None:
    """Return a figure of the model's quality, window by window, with its limit and its reference."""
    reference, limit = figure.reference, figure.limit
    scale = Scale(
        named(figure.metric),
        "limit",
        falls=reference is not None and limit is not None and limit < reference,
        reference=reference,
    )
    return _line(figure.line, name, f"{scale.name} over time", scale)


def _line(line: Sequence[Point], name: str, title: str, scale: Scale) -> Chart | None:
    points = sorted(line, key=lambda point: point.last)[-MOST_POINTS:]
    judged = [point for point in points if point.value is not None]
    if not judged:
        return None
    beyond = [point for point in judged if _is_beyond(point, scale)]
    newest = judged[-1]
    limit = "" if newest.limit is None else f" against a {scale.limit} of {number(newest.limit)}"
    summary = (
        f"In the window up to {newest.last}: {number(newest.value)}{_between(newest)}{limit}. "
        f"Beyond it in {len(beyond) or 'none'} of {len(judged)} windows since {points[0].last}."
    )
    if len(judged) < len(points):
        summary += f" {len(points) - len(judged)} had too little data."

    def paint(axes: Axes) -> None:
        _paint(axes, points, beyond, scale)

    return draw(name, title, summary, paint, height=2.6)


def _between(point: Point) -> str:
    if point.low is None or point.high is None:
        return ""
    return f" (interval {number(point.low)} to {number(point.high)})"


def _is_beyond(point: Point, scale: Scale) -> bool:
    if point.value is None or point.limit is None:
        return False
    return point.value < point.limit if scale.falls else point.value > point.limit


def _paint(axes: Axes, points: Sequence[Point], beyond: Sequence[Point], scale: Scale) -> None:
    days = [point.last.toordinal() for point in points]
    values, limits = [drawable(p.value) for p in points], [drawable(p.limit) for p in points]
    drawn = [*values, *limits]
    if scale.reference is not None:
        drawn.append(drawable(scale.reference))
        axes.axhline(drawn[-1], color=INK, linestyle=":", linewidth=1.2, label="reference")
    lows, highs = [drawable(p.low) for p in points], [drawable(p.high) for p in points]
    if any(low == low for low in lows):
        drawn += [*lows, *highs]
        axes.fill_between(days, lows, highs, color=SECOND, alpha=0.3, linewidth=2, label="interval")
    if any(limit == limit for limit in limits):
        axes.plot(days, limits, color=INK, linestyle="--", linewidth=1.2, label=scale.limit)
    axes.plot(
        days, values, color=MAIN, marker="o", markersize=4, markevery=_alone(values), label=scale.name[:16]
    )  # fmt: skip
    if beyond:
        axes.plot(
            [point.last.toordinal() for point in beyond], [drawable(p.value) for p in beyond],
            color=BAD, linestyle="none", marker="D", markersize=7, label=f"beyond the {scale.limit}",
        )  # fmt: skip
    _axes(axes, points, [value for value in drawn if value == value])
    legend_above(axes, 3)


def _alone(values: Sequence[float]) -> list[int]:
    """Return the places that need a marker: those between two without a value, and the newest."""
    valid = [False, *(value == value for value in values), False]
    alone = [n for n in range(len(values)) if not valid[n] and valid[n + 1] and not valid[n + 2]]
    return sorted({*alone, max(n for n in range(len(values)) if valid[n + 1])})


def _axes(axes: Axes, points: Sequence[Point], drawn: Sequence[float]) -> None:
    n = len(points)
    places = {round(step * (n - 1) / (MOST_DATES - 1)) for step in range(MOST_DATES)}
    dates = sorted({points[place].last for place in places})
    axes.set_xticks([day.toordinal() for day in dates], [day.isoformat() for day in dates])
    first, last = points[0].last.toordinal(), points[-1].last.toordinal()
    axes.set_xlim(first - 0.5 - 0.06 * (last - first), last + 0.5 + 0.06 * (last - first))
    low, high = min(drawn), max(drawn)
    room = max(0.12 * (high - low), 0.02 * abs(high), 1e-6)
    axes.set_ylim(low - room, high + room)
    axes.set_xlabel("last day of the window")


def drawable(value: float | None) -> float:
    """Return a value clipped to what a picture can hold, NaN for None."""
    return float("nan") if value is None else min(max(value, -FURTHEST), FURTHEST)
