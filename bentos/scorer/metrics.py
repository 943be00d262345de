"""What the scorer tells Prometheus, one set for all workers of a server.

BentoML's /metrics shows them beside its own. Probes and metrics themselves are not counted.
"""

from prometheus_client import Counter, Gauge, Histogram

LATENCY_BUCKETS_S = (
    *(0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075),
    *(0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0),
)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 16384)


class Metrics:
    """Counters of one worker for one model."""

    def __init__(self, model: str) -> None:
        requests = Counter("scorer_requests", "Requests by outcome.", ["model", "status"])
        latency = Histogram(
            "scorer_latency_seconds",
            "From the first byte of a request's body to the answer.",
            ["model"],
            buckets=LATENCY_BUCKETS_S,
        )
        rows = Counter("scorer_rows", "Rows scored.", ["model"])
        batch = Histogram(
            "scorer_batch_rows", "Rows scored at once.", ["model"], buckets=BATCH_BUCKETS
        )
        odd = Counter("scorer_odd_values", "Missing or unseen values.", ["model", "column", "kind"])
        waiting = Gauge(
            "scorer_waiting_requests", "Requests in the pool.", multiprocess_mode="livesum"
        )
        parity = Gauge(
            "scorer_parity",
            "1 once the golden rows replay to the stated tolerance.",
            ["model"],
            multiprocess_mode="livemin",
        )
        self._requests, self._model, self._by_status = requests, model, dict[int, Counter]()
        self.latency = latency.labels(model)
        self.rows = rows.labels(model)
        self.batch = batch.labels(model)
        self.waiting = waiting
        self.parity = parity.labels(model)
        self._odd, self._by_column = odd, dict[tuple[str, str], Counter]()

    def count(self, status: int) -> None:
        """Count one answered request."""
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._requests.labels(self._model, str(status))
            self._by_status[status] = counter
        counter.inc()

    def count_odd(self, column: str, kind: str, n: int) -> None:
        """Count `n` values of a column that are `missing` or `unseen`."""
        counter = self._by_column.get((column, kind))
        if counter is None:
            counter = self._odd.labels(self._model, column, kind)
            self._by_column[column, kind] = counter
        counter.inc(n)
