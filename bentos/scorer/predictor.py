"""The model behind the paths: load it, prove that it is the one that was trained, score bodies.

In: a sealed bento's release directory. Out: scores, and the facts of what is served.
"""

import os
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bentos.scorer.metrics import Metrics
from bentos.scorer.pool import Pool
from bentos.scorer.rows import RowReader
from mooring.errors import IntegrityError
from mooring.models.compiled import Scorer
from mooring.models.request import RequestSchema
from mooring.models.served import Served

MODEL, REQUEST, SERVED = "model", "request.json", "served.json"
N_WARM = 20
MEND = "use the libraries of the bento's own lock, or build the bento again with 'dvc repro'"


class Predictor:
    """One model, its rules and its counters."""

    def __init__(self, scorer: Scorer, schema: RequestSchema, served: Served, version: str) -> None:
        self.schema, self.served, self.version = schema, served, version
        self.digest = served.digests.model
        self.metrics = Metrics(self.digest)
        self._scorer = scorer
        self._rows = RowReader(schema, served.serving)
        self._pool = Pool(self._score, served.serving.admission)
        self._seen = {name: frozenset({*values, ""}) for name, values in schema.seen.items()}

    @classmethod
    def load(cls, release: Path, version: str) -> Self:
        """Load, replay the golden rows, and warm up. Raises IntegrityError where anything differs."""
        served = Served.read(release / SERVED)
        scorer = Scorer.load(release / MODEL, n_threads=1)
        if scorer.spec.model_sha256 != served.digests.model:
            raise IntegrityError(
                "names another model than the release",
                where=str(release / MODEL / "spec.json"),
                expected=f"sha256 {served.digests.model}",
                got=f"sha256 {scorer.spec.model_sha256}",
                mend=MEND,
            )
        _refuse_difference(scorer, release, served.parity_atol)
        predictor = cls(scorer, RequestSchema.read(release / REQUEST), served, version)
        predictor.metrics.parity.set(1)
        return predictor

    async def score(self, body: bytes) -> NDArray[np.float64]:
        """Return one score for each row of a body. Raises Problem."""
        return await self._pool.score(self._rows.read(body))

    def described(self) -> dict[str, Any]:
        """Return what exactly is served, as JSON values."""
        commit = os.environ.get("MOORING_SOURCE_COMMIT")
        known = {"version": self.version, "source_commit": commit}
        return known | self.served.model_dump(mode="json")

    def close(self) -> None:
        """Finish what is under way off the path."""

    def _score(self, rows: list[Any]) -> NDArray[np.float64]:
        columns = self._rows.columns(rows)
        scores = self._scorer.score(columns)
        self._count(columns, len(rows))
        return scores

    def _count(self, columns: dict[str, NDArray[Any]], n_rows: int) -> None:
        metrics = self.metrics
        metrics.rows.inc(n_rows)
        metrics.batch.observe(n_rows)
        for name in self._rows.numbers:
            n_missing = int(np.count_nonzero(np.isnan(columns[name])))
            if n_missing:
                metrics.count_odd(name, "missing", n_missing)
        for name in self._rows.categories:
            values = columns[name].tolist()
            n_missing = values.count("")
            if n_missing:
                metrics.count_odd(name, "missing", n_missing)
            seen = self._seen.get(name)
            if seen is not None and not seen.issuperset(values):
                n_unseen = sum(value not in seen for value in values)
                metrics.count_odd(name, "unseen", n_unseen)


def _refuse_difference(scorer: Scorer, release: Path, atol: float) -> None:
    difference = scorer.golden_difference()
    if not difference <= atol:
        raise IntegrityError(
            "does not replay the golden rows",
            where=str(release / MODEL / "model.onnx"),
            expected=f"scores within {atol:g} of the fitted model's",
            got=f"a difference of {difference:.3g}",
            mend=MEND,
        )
