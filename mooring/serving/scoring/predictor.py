"""The models behind the paths: load them, prove that they are the trained ones, read and score bodies.

In: a sealed bento's release directory. Out: scores, and the facts of what is served.
"""

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from mooring.bento.compiled import Scorer
from mooring.bento.request import RequestSchema
from mooring.bento.served import Served
from mooring.serving.proof import proved
from mooring.serving.reading.columns import ColumnReader
from mooring.serving.reading.parsed import ParsedColumns, ParsedRows, Row, RowLayout
from mooring.serving.reading.rows import RowReader
from mooring.serving.recording.entries import MAX_PACKED_ROWS, Entry, RowPacker
from mooring.serving.recording.frames import Destination, ShadowModel
from mooring.serving.recording.recorder import Recorder
from mooring.serving.scored import Asked, Scored
from mooring.serving.scoring.odd_values import Count, OddValues
from mooring.serving.scoring.pool import Pool
from mooring.serving.scoring.routing import Routing
from mooring.serving.telemetry.metrics import Metrics

MODEL, CHAMPION, REQUEST, SERVED = "model", "champion", "request.json", "served.json"
N_WARM = 20
FEW = 10
"""Up to this many rows are scored faster as they were read than as a matrix."""
LARGE_BYTES = 65_536
"""A longer body is read and scored in a thread."""
COLUMNS = re.compile(rb'\s*\{\s*"columns"\s*:')


class _Work(NamedTuple):
    """What is left to do once rows are scored: their entry for the recorder, None without one."""

    scored: Scored
    odd: list[Count]
    entry: Entry | None


class Predictor:
    """The models of one release, their rules and their counters."""

    def __init__(
        self, schema: RequestSchema, served: Served, version: str, models: list[Scorer]
    ) -> None:
        self.schema, self.served, self.version = schema, served, version
        self.layout = RowLayout(schema)
        self._packer, self._odd = RowPacker(self.layout), OddValues(self.layout, schema)
        champion = models[1] if len(models) > 1 else None
        self.routing = Routing(self.layout, models[0], champion, served.serving.comparison)
        self.metrics = Metrics(self.routing.digests)
        self.rows = RowReader(schema, served.serving)
        self.columns = ColumnReader(schema, served.serving)
        self.pool = Pool(self._score_rows, served.serving.admission)
        self.recorder: Recorder | None = None

    @classmethod
    def load(cls, release: Path, version: str) -> Self:
        """Load, replay the golden rows, and warm up. Raises IntegrityError if anything differs."""
        served = Served.read(release / SERVED)
        models = [proved(release / MODEL, served.digests.model, served.parity_atol)]
        if served.digests.champion is not None:
            models.append(proved(release / CHAMPION, served.digests.champion, served.parity_atol))
        predictor = cls(RequestSchema.read(release / REQUEST), served, version, models)
        predictor._warm()
        predictor.metrics.parity.set(1)
        return predictor

    def record_to(self, url: str, release: Path) -> None:
        """Record everything that is scored from now on in the store at `url`.

        `release` is the directory that this was loaded from.
        """
        records, digests = self.served.serving.records, self.routing.digests
        shadow = ShadowModel(str(release / MODEL), digests[-1], self.served.parity_atol)
        destination = Destination(
            url=url,
            numbers=self.layout.numbers,
            categories=self.layout.categories,
            zone=self.schema.time.zone if self.schema.time else "UTC",
            digests=digests,
            shadow=None if self.routing.shadow is None else shadow,
            segments={name: [*values] for name, values in self.served.segments.items()},
            flush_rows=records.flush_rows,
            flush_s=records.flush_s,
            drain_s=records.drain_s,
        )
        self.recorder = Recorder(destination, records.buffer_rows, self.metrics)

    async def score_json(self, body: bytes, request_id: str) -> Scored:
        """Return the scores of a JSON body, row by row or column by column. Raises Problem."""
        if COLUMNS.match(body):
            return await self.score_columns(lambda: self.columns.read(body), len(body), request_id)
        if len(body) > LARGE_BYTES:
            return await self.score_columns(
                lambda: self.rows.read_columns(body), len(body), request_id
            )
        found: Scored = await self.pool.score(self.rows.read(body), request_id)
        return found

    async def score_columns(
        self, read: Callable[[], ParsedColumns], n_bytes: int, request_id: str
    ) -> Scored:
        """Return the scores of the rows that `read` returns, in a thread if the body is large."""

        def work() -> _Work:
            return self._worked(rows := read(), [(request_id, rows.n_rows)])

        done = await self.pool.run(work) if n_bytes > LARGE_BYTES else work()
        return self._kept(done)

    def digests_of(self, scored: Scored) -> list[str] | None:
        """Return the digest of each row's model, None if the first model gave all scores."""
        if scored.by is None:
            return None
        return [self.routing.digests[position] for position in scored.by.tolist()]

    def described(self) -> dict[str, Any]:
        """Return exactly what is served, as JSON values."""
        known = {"version": self.version, "source_commit": os.environ.get("MOORING_SOURCE_COMMIT")}
        return known | self.served.model_dump(mode="json")

    def _score_rows(self, rows: list[Row], asked: Sequence[Asked]) -> Scored:
        return self._kept(self._worked(ParsedRows(self.layout, rows), asked))

    def _worked(self, rows: ParsedRows | ParsedColumns, asked: Sequence[Asked]) -> _Work:
        """Score rows; only this may run in a thread."""
        form = rows if rows.n_rows <= FEW else rows.columns()
        scored = self.routing.score(form, asked)
        entry = None
        if self.recorder is not None:
            is_small = rows.n_rows <= MAX_PACKED_ROWS
            kept = self._packer.packed(form) if is_small else form.columns()
            entry = Entry(kept, scored, asked, time.time())
        return _Work(scored, self._odd.count(form), entry)

    def _kept(self, done: _Work) -> Scored:
        """Record and count what was scored."""
        scored, odd, entry = done
        if self.recorder is not None and entry is not None:
            self.recorder.append(entry)
        n_rows = len(scored.scores)
        by = (n_rows,) if scored.by is None else np.bincount(scored.by).tolist()
        self.metrics.count_rows(by)
        for column, kind, n in odd:
            self.metrics.count_odd(column, kind, n)
        return scored

    def _warm(self) -> None:
        """Score the example, so that the first request is as fast as later ones."""
        lists = [[self.schema.example[name]] for name in self.layout.names]
        columns = self.layout.columns_of_lists([*lists, [None]], 1)
        for _ in range(N_WARM):
            self.routing.score(columns, [("", 1)])
