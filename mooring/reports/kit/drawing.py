"""Turn a matplotlib plot into inline SVG.

In: a function that paints. Out: a `Chart` with a text alternative and reproducible bytes, whose colours
are the page's custom properties, so that it follows light and dark mode. No other module imports
matplotlib.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from mooring.reports.kit.svg import embeddable
from mooring.reports.kit.wording import line

Axes = Any

INK, GRID, MAIN, SECOND, THIRD, BAD = (
    "#010101", "#020202", "#030303", "#040404", "#050505", "#060606",
)  # fmt: skip
"""Placeholder colours: each becomes a custom property of the page."""
_PROPERTIES = {
    INK: "var(--ink, #666)",
    GRID: "var(--grid, #aaa)",
    MAIN: "var(--main, #1b6ec2)",
    SECOND: "var(--second, #b35900)",
    THIRD: "var(--third, #2e8540)",
    BAD: "var(--bad, #c62828)",
}
_WIDTH = 5.0  # inches of 72 units each
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mooring",
    "text.parse_math": False,  # a slice may be called $x$
    "text.color": INK,
    "font.size": 10.5,
    "font.sans-serif": ["DejaVu Sans"],
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "xtick.bottom": False,  # the grid replaces tick marks
    "ytick.left": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 10,
}


@dataclass(frozen=True)
class Chart:
    """A chart and its text alternative."""

    name: str
    title: str
    summary: str
    svg: str


def draw(
    name: str, title: str, summary: str, paint: Callable[[Axes], None], *, height: float = 3.2
) -> Chart:
    """Return the chart that `paint` paints; `height` is in inches, its width is 5."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()  # ignore any matplotlibrc
        matplotlib.rcParams.update(_STYLE)
        # The browser has glyphs that are missing from the bundled font.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        paint(figure.add_subplot())
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return Chart(
        name, title, summary, embeddable(buffer.getvalue(), name, title, summary, _PROPERTIES)
    )


def legend_above(axes: Axes, columns: int) -> None:
    """Place the legend where no line can run under it."""
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns,
        columnspacing=1.2, handlelength=1.8,
    )  # fmt: skip


def label(text: str, length: int = 28) -> str:
    """Return untrusted text as one short line that is valid in XML."""
    return line(text, length)
