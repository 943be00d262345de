"""Deliver labels: put them into the store when the replay's clock passes the end of their day."""

from collections.abc import Iterator

from mooring.errors import EnvironmentFault
from mooring.records.labels import put_labels
from mooring.records.store import Store
from mooring.replay.arrivals import Arrived


class LateLabels:
    """The labels of one plan; putting them again, as in a later run, changes nothing."""

    def __init__(self, store: Store, stream: str, arrivals: Iterator[Arrived]) -> None:
        self._store, self._stream, self._arrivals = store, stream, arrivals
        self._next = next(arrivals, None)
        self._n_parts = self.n_rows = 0

    @property
    def outstanding(self) -> bool:
        """Whether some labels are still to be delivered."""
        return self._next is not None

    def put_until(self, clock: float) -> None:
        """Put the labels of every day that has ended by `clock`, in seconds since 1970.

        Raises EnvironmentFault when the store refuses them.
        """
        while self._next is not None and self._next.until <= clock:
            arrived = self._next
            try:
                put_labels(self._store, arrived.day, self._stream, self._n_parts + 1, arrived.table)
            except OSError as error:
                raise EnvironmentFault(
                    "refuses the labels",
                    where=self._store.url,
                    got=str(error),
                    fix="check --store and the store's credentials, then run the same command again",
                ) from error
            self._n_parts += 1
            self.n_rows += arrived.table.num_rows
            self._next = next(self._arrivals, None)
