"""The figures of a replay: rows by status, latencies and speed.

In: the answers of a journal. Out: Figures, as lines of text or as JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
SCORED = 200


@dataclass(frozen=True)
class Figures:
    """The figures of a replay, over all its runs so far."""

    rows: int
    """The rows of the plan."""
    rows_by_status: Mapping[int, int]
    """Answered rows, by the status of their answer."""
    n_requests: int
    """Answered requests."""
    latency_ms: Mapping[str, float] | None
    """Latency quantiles of the scored requests, with the time to connect; None if none was scored."""
    n_busy: Mapping[int, int]
    """By status, 429 or 503: how often this run had to try again later."""
    n_cut: int
    """Requests that were sent again because their connection ended without an answer."""
    details: Mapping[int, str]
    """By status other than 200: the detail of one answer of this run."""
    rows_s: float
    """Rows per second in this run."""
    seconds: float
    """The duration of this run."""
    labels: int | None
    """Rows written to the label store, None without labels."""
    touched: Mapping[str, int]
    """The number of changed rows, by fault."""

    @property
    def scored(self) -> int:
        """The scored rows, those with status 200."""
        return self.rows_by_status.get(SCORED, 0)

    def plain(self) -> dict[str, Any]:
        """Return the figures as plain values of JSON."""
        return {
            "rows": self.rows,
            "scored": self.scored,
            "rows_by_status": {str(status): n for status, n in self.rows_by_status.items()},
            "requests": self.n_requests,
            "latency_ms": self.latency_ms,
            "busy": {str(status): n for status, n in self.n_busy.items()},
            "cut": self.n_cut,
            "details": {str(status): text for status, text in self.details.items()},
            "rows_s": self.rows_s,
            "seconds": self.seconds,
            "labels": self.labels,
            "faults": dict(self.touched),
        }

    def lines(self) -> list[str]:
        """Return the figures as lines to read."""
        lines = [f"scored   {self.scored:,} of {self.rows:,} rows"]
        for status, n_rows in sorted(self.rows_by_status.items()):
            lines.append(f"  {status}    {n_rows:,} rows{self._said(status)}")
        if self.latency_ms:
            each = ", ".join(f"{name} {ms:.3g} ms" for name, ms in self.latency_ms.items())
            lines.append(f"latency  {each} (scored requests)")
        lines.append(f"speed    {self.rows_s:,.0f} rows/s for {self.seconds:.1f} s")
        for status, n in sorted(self.n_busy.items()):
            lines.append(f"busy     {n:,} times {status}, then retried{self._said(status)}")
        if self.n_cut:
            lines.append(
                f"cut      {self.n_cut:,} requests lost their connection and were resent with the same "
                "id: the log may contain their rows twice"
            )
        if self.labels is not None:
            lines.append(f"labels   {self.labels:,} rows")
        lines += [f"fault    {name}: {n:,} rows" for name, n in self.touched.items()]
        return lines

    def _said(self, status: int) -> str:
        return f"  example: {self.details[status]}" if status in self.details else ""


def rows_by_status(answers: NDArray[np.void]) -> dict[int, int]:
    """Return the rows of the answers by status."""
    statuses, place = np.unique(answers["status"], return_inverse=True)
    counts = np.bincount(place, weights=answers["rows"], minlength=len(statuses))
    return {int(status): int(n) for status, n in zip(statuses, counts, strict=True)}


def latencies_ms(answers: NDArray[np.void]) -> dict[str, float] | None:
    """Return the quantiles of the latencies of the requests that were scored, in milliseconds."""
    scored = answers["latency_s"][answers["status"] == SCORED]
    if not len(scored):
        return None
    found = np.quantile(scored.astype(float), list(QUANTILES.values())) * 1e3
    return dict(zip(QUANTILES, found.tolist(), strict=True))
