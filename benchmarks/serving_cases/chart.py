"""Draw latency against load, as an SVG whose bytes depend on the figures alone."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.serving_cases.latency import Curve
from mooring import files


def draw(curves: list[Curve], title: str, path: Path) -> None:
    """Write p50 (dashed) and p99 (solid) of each server against its request rate, both axes log."""
    with mpl.rc_context({"svg.hashsalt": "mooring", "font.size": 9}):
        figure = Figure(figsize=(8, 4.8), layout="constrained")
        axes = figure.subplots()
        for curve in curves:
            rates = [load.requests_s for load in curve.loads]
            (line,) = axes.plot(
                rates, [load.p99_ms for load in curve.loads], marker="o", ms=3, label=curve.name
            )
            axes.plot(
                rates,
                [load.p50_ms for load in curve.loads],
                *("--",),
                marker="o",
                ms=3,
                color=line.get_color(),
            )
        axes.set(xscale="log", yscale="log", title=title)
        axes.set_xlabel("answered requests/s, open loop")
        axes.set_ylabel("latency, ms: p99 solid, p50 dashed")
        axes.grid(visible=True, which="both", alpha=0.25)
        axes.legend(fontsize=8)
        with files.replacing(path) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})
