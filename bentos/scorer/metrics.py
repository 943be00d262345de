"""What the scorer tells Prometheus, one set for all workers of a server.

BentoML's /metrics shows them beside its own. Probes and metrics themselves are not counted.
"""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

LATENCY_BUCKETS_S = (
    *(0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075),
    *(0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0),
)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 16384)


class Metrics:
    """Counters of one worker. The first digest is that of the model which answers by default."""

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
        self.rows = [rows.labels(digest) for digest in digests]
        self.batch = Histogram("scorer_batch_rows", "Rows scored at once.", buckets=BATCH_BUCKETS)
        self.waiting = Gauge(
            "scorer_waiting_requests",
            "Requests that waited for their scores at once, at most, within the last second.",
            multiprocess_mode="livesum",
        )
        self.parity = Gauge(
            "scorer_parity",
            "1 once the golden rows of every model replay to the stated tolerance.",
            multiprocess_mode="livemin",
        )
        self.dropped = Counter("scorer_dropped_rows", "Rows answered that are in no record.")
        self.recorded = Counter("scorer_recorded_rows", "Rows in the store.")
        self.lag = Gauge(
            "scorer_record_lag_seconds",
            "Age of the oldest row that is being written.",
            multiprocess_mode="livemax",
        )
        self.store_errors = Counter("scorer_store_errors", "Times that the store took no records.")
        self._odd = Counter("scorer_odd_values", "Missing or unseen values.", ["column", "kind"])
        self._requests, self._answers = requests, answers
        self._by_status: dict[int, Counter] = {}
        self._by_column: dict[tuple[str, str], Counter] = {}
        self.latency = latency.labels(answers)

    def count(self, status: int) -> None:
        """Count one answered request."""
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._requests.labels(self._answers, str(status))
            self._by_status[status] = counter
        counter.inc()

    def count_odd(self, column: str, kind: str, n: int) -> None:
        """Count `n` values of a column that are `missing` or `unseen`."""
        counter = self._by_column.get((column, kind))
        if counter is None:
            counter = self._odd.labels(column, kind)
            self._by_column[column, kind] = counter
        counter.inc(n)
