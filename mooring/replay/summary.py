"""What a replay came to: rows by status, latencies, and how fast it went.

In: the answers of a journal. Out: Figures, which say themselves in lines or as JSON.
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
    """To be sent."""
    rows_by_status: Mapping[int, int]
    """Rows whose request was answered, by the status of that answer."""
    n_requests: int
    """Requests that were answered."""
    latency_ms: Mapping[str, float] | None
    """Of the requests that were scored, None where none was. Waiting to be let in is part of it."""
    n_busy: Mapping[int, int]
    """By status, 429 or 503: how often this run was told to try again later."""
    n_cut: int
    """Requests that were sent again since their connection ended without an answer."""
    details: Mapping[int, str]
    """By status but 200: what the scorer said to one of the requests of this run."""
    rows_s: float
    """Rows a second in this run."""
    seconds: float
    """Of this run."""
    labels: int | None
    """Rows of the label store, None where no labels are written."""
    touched: Mapping[str, int]
    """By fault: rows."""

    @property
    def scored(self) -> int:
        """Rows that were scored."""
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
        found = [f"scored   {self.scored:,} of {self.rows:,} rows"]
        for status, n_rows in sorted(self.rows_by_status.items()):
            found.append(f"  {status}    {n_rows:,} rows{self._said(status)}")
        if self.latency_ms:
            each = ", ".join(f"{name} {ms:.3g} ms" for name, ms in self.latency_ms.items())
            found.append(f"latency  {each}, of the scored")
        found.append(f"speed    {self.rows_s:,.0f} rows/s for {self.seconds:.1f} s")
        for status, n in sorted(self.n_busy.items()):
            found.append(f"busy     {n:,} times {status}, and tried again{self._said(status)}")
        if self.n_cut:
            found.append(
                f"cut      {self.n_cut:,} requests lost their connection and were sent again under the "
                "same id: the log may hold their rows twice"
            )
        if self.labels is not None:
            found.append(f"labels   {self.labels:,} rows")
        found += [f"fault    {name}: {n:,} rows" for name, n in self.touched.items()]
        return found

    def _said(self, status: int) -> str:
        return f"  such as: {self.details[status]}" if status in self.details else ""


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
