"""One limit, the ratios measured against it in each turn, and whether their median is within it."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.load.figures import Load

Side = Literal["at least", "at most"]


@dataclass(frozen=True)
class Verdict:
    """The result for one limit."""

    name: str
    side: Side
    limit: float
    ratios: tuple[float, ...]
    not_judged: str = ""
    """Why there are no ratios: this machine cannot measure them."""
    refused: str = ""
    """Why there are no ratios: the scorer rejected the request, so the limit is missed."""

    @property
    def median(self) -> float:
        """The median of the turns' ratios."""
        return statistics.median(self.ratios)

    @property
    def outcome(self) -> str:
        """`kept`, `missed` or `not judged`."""
        if self.not_judged:
            return "not judged"
        if self.refused:
            return "missed"
        kept = self.median >= self.limit if self.side == "at least" else self.median <= self.limit
        return "kept" if kept else "missed"

    @property
    def measured(self) -> str:
        """The median and the turns, or why there are none."""
        if not self.ratios:
            return self.not_judged or self.refused
        turns = ", ".join(f"{ratio:.3g}" for ratio in self.ratios)
        return f"{self.median:.3g} (turns {turns})"

    def __str__(self) -> str:
        return f"{self.name}: {self.measured}, limit {self.side} {self.limit:g}: {self.outcome}"


@dataclass(frozen=True)
class Case:
    """One case: the load on every server in every turn, and the results for its limits."""

    title: str
    loads: dict[str, list[Load]]
    verdicts: tuple[Verdict, ...]
    rows_per_request: int = 1
    note: str = ""

    def middle(self, name: str) -> Load:
        """Return the median of each figure of one server, and all its errors."""
        loads = self.loads[name]
        figures = {
            figure: statistics.median(getattr(load, figure) for load in loads)
            for figure in ("requests_s", "p50_ms", "p95_ms", "p99_ms", "cpu_us")
        }
        return Load(**figures, n_errors=sum(load.n_errors for load in loads))

    def show(self) -> None:
        """Print a line for each server and each verdict."""
        print(f"\n{self.title}")
        for name in self.loads:
            load = self.middle(name)
            print(
                f"  {name}: {load.requests_s * self.rows_per_request:,.0f} rows/s, "
                f"p50 {load.p50_ms:.2f} ms, p95 {load.p95_ms:.2f} ms, p99 {load.p99_ms:.2f} ms"
                + ("" if math.isnan(load.cpu_us) else f", {load.cpu_us:,.0f} CPU µs per request")
                + (f", {load.n_errors} errors" if load.n_errors else "")
            )
        for line in (*self.verdicts, *([self.note] if self.note else [])):
            print(f"  {line}", flush=True)


def ratios(of: Sequence[Load], to: Sequence[Load], figure: str = "requests_s") -> tuple[float, ...]:
    """Return the ratio of one figure in each turn."""
    return tuple(
        getattr(one, figure) / max(getattr(other, figure), 1e-9)
        for one, other in zip(of, to, strict=True)
    )


def against_best(
    name: str, limit: float, own: Sequence[Load], peers: dict[str, list[Load]]
) -> Verdict:
    """Judge the throughput against whichever peer comes closest."""
    if not peers:
        return Verdict(name, "at least", limit, (), not_judged="no peer runs here")
    found = {peer: ratios(own, loads) for peer, loads in peers.items()}
    best = min(found, key=lambda peer: statistics.median(found[peer]))
    return Verdict(f"{name} ({best})", "at least", limit, found[best])


def no_error(of: str, loads: Sequence[Load]) -> Verdict:
    """Judge that every request of every turn was answered with success."""
    counts = tuple(float(load.n_errors) for load in loads)
    return Verdict(f"{of}: errors", "at most", 0, (max(counts),))
