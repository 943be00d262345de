"""The scorer's metrics for Prometheus, one set for all workers of a server.

BentoML's /metrics shows them beside its own. Probes and metrics themselves are not counted. What each
request counts is added up in plain numbers and passed on once a second, and when the metrics are read:
prometheus_client makes a system call at each step, a tenth of the cost of a request.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

LATENCY_BUCKETS_S = (
    *(0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075),
    *(0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0),
)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 16384)


class Buckets:
    """Observations that a histogram does not hold yet."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._bounds: list[float] = histogram._upper_bounds
        self._clear()

    def observe(self, value: float) -> None:
        """Count one observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def tell(self) -> None:
        """Add them to the histogram; its public `observe` takes one at a time."""
        for bucket, n in zip(self._histogram._buckets, self._counts, strict=True):
            if n:
                bucket.inc(n)
        self._histogram._sum.inc(self._sum)
        self._clear()

    def _clear(self) -> None:
        self._counts, self._sum = [0] * len(self._bounds), 0.0


class Metrics:
    """Counters of one worker. The first digest is that of the model that answers by default."""

    def __init__(self, digests: Sequence[str]) -> None:
        answers = digests[0]
        requests = Counter("scorer_requests", "Requests by outcome.", ["model", "status"])
        latency = Histogram(
            "scorer_latency_seconds",
            "From a request's head to its answer.",
            ["model"],
            buckets=LATENCY_BUCKETS_S,
        )
        rows = Counter(
            "scorer_rows", "Rows scored, by the model whose score was returned.", ["model"]
        )
        self._rows = [rows.labels(digest) for digest in digests]
        self._n_rows = [0] * len(digests)
        self.batch = Buckets(
            Histogram("scorer_batch_rows", "Rows scored at once.", buckets=BATCH_BUCKETS)
        )
        self.waiting = Gauge(
            "scorer_waiting_requests",
            "The most requests that waited for their scores at once within the last second.",
            multiprocess_mode="livesum",
        )
        self.parity = Gauge(
            "scorer_parity",
            "1 once the golden rows of every model replay to the stated tolerance.",
            multiprocess_mode="livemin",
        )
        self.dropped = Counter("scorer_dropped_rows", "Answered rows that were not recorded.")
        self.recorded = Counter("scorer_recorded_rows", "Rows in the store.")
        self.lag = Gauge(
            "scorer_record_lag_seconds",
            "Age of the oldest row that is being written.",
            multiprocess_mode="livemax",
        )
        self.store_errors = Counter("scorer_store_errors", "Times that the store refused records.")
        self._odd = Counter("scorer_odd_values", "Missing or unseen values.", ["column", "kind"])
        self._requests, self._answers = requests, answers
        self._by_status: Tally[int] = Tally()
        self._by_column: Tally[tuple[str, str]] = Tally()
        self.latency = Buckets(latency.labels(answers))

    def count(self, status: int) -> None:
        """Count one answered request."""
        self._by_status[status] += 1

    def count_rows(self, by: Sequence[int]) -> None:
        """Count rows scored at once, by the position of the model whose score was returned."""
        for position, n in enumerate(by):
            self._n_rows[position] += n
        self.batch.observe(sum(by))

    def count_odd(self, column: str, kind: str, n: int) -> None:
        """Count `n` values of a column that are `missing` or `unseen`."""
        self._by_column[column, kind] += n

    def tell(self) -> None:
        """Pass on to Prometheus what has been counted since the last call."""
        for counter, n in zip(self._rows, self._n_rows, strict=True):
            counter.inc(n)
        self._n_rows = [0] * len(self._rows)
        for status, n in self._by_status.items():
            self._requests.labels(self._answers, str(status)).inc(n)
        for (column, kind), n in self._by_column.items():
            self._odd.labels(column, kind).inc(n)
        self._by_status.clear()
        self._by_column.clear()
        self.batch.tell()
        self.latency.tell()
