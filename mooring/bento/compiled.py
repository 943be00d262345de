"""The compiled model in the server: check its files, replay its golden rows, score rows.

Needs only onnxruntime and numpy. Takes the columns of a request and returns one score for each row.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from mooring import files
from mooring.bento.session import Session
from mooring.config import document
from mooring.config.metric import Task
from mooring.config.section import Strict
from mooring.errors import IntegrityError
from mooring.features.derivation import Arrangement, Columns, Derivation
from mooring.features.few import FewArrangement, Values
from mooring.features.spec import FeatureSpec
from mooring.features.texts import TextColumn, text_column

MODEL, SPEC, GOLDEN = "model.onnx", "spec.json", "golden.json"


class ScorerSpec(Strict):
    """The description of a compiled model: the file spec.json beside model.onnx."""

    schema_version: Literal[3]
    name: str
    task: Task
    target: str
    model_sha256: str
    train_end: str | None
    """The latest time in its training rows, in UTC; null if the data has no time."""
    features: FeatureSpec


class Scorer:
    """A compiled model, ready to score."""

    def __init__(
        self, spec: ScorerSpec, golden: dict[str, Any], model: bytes, n_threads: int
    ) -> None:
        self.spec = spec
        self._golden = golden
        self._derivation = Derivation(spec.features)
        self._session = Session(model, n_threads)
        kinds = spec.features.inputs
        self._inputs = tuple(
            [name for name in kinds if kinds[name] == kind] for kind in ("number", "category")
        )
        self._own = self.arranged(*self._inputs)

    @classmethod
    def load(cls, directory: Path | str, n_threads: int) -> Self:
        """Load the model of a directory. Raises IntegrityError when a file does not match spec.json."""
        directory = Path(directory)
        spec = _read_spec(directory / SPEC)
        model = files.read_bytes(directory / MODEL, "run 'dvc repro'")
        digest = files.sha256_bytes(model)
        if digest != spec.model_sha256:
            raise IntegrityError(
                "does not match spec.json",
                where=str(directory / MODEL),
                expected=f"sha256 {spec.model_sha256}",
                got=f"sha256 {digest}",
                fix="restore it with 'dvc checkout', or run 'dvc repro'",
            )
        return cls(spec, files.read_json(directory / GOLDEN), model, n_threads)

    def arranged(self, numbers: Sequence[str], categories: Sequence[str]) -> "ArrangedScorer":
        """Return a scorer of rows whose columns are in this order.

        Raises ModelError when an input is absent.
        """
        return ArrangedScorer(self._session, self._derivation, numbers, categories)

    def score(self, inputs: Columns) -> NDArray[np.float64]:
        """Return one score for each row, (n,): the positive class's probability, or the predicted number."""
        self._derivation.check(inputs)
        numbers, texts = self._inputs
        n_rows = len(next(iter(inputs.values())))
        columns = np.empty((len(numbers), n_rows))
        for position, name in enumerate(numbers):
            columns[position] = inputs[name]
        return self._own.score(columns, [text_column(inputs[name].tolist()) for name in texts])

    def golden_difference(self) -> float:
        """Replay the golden rows in both scoring paths; return the largest difference from their scores."""
        rows = self._golden["rows"]
        many = self.score(columns_of(rows, self.spec.features))
        few = self._own.score_few(
            [*zip(*[rows[name] for name in chain(*self._inputs)], strict=True)]
        )
        return float(np.abs([many, few] - np.asarray(self._golden["scores"])).max())


class ArrangedScorer:
    """A compiled model for rows of one layout; all lookups happen once, at construction."""

    def __init__(
        self,
        session: Session,
        derivation: Derivation,
        numbers: Sequence[str],
        categories: Sequence[str],
    ) -> None:
        self._session = session
        self._many = Arrangement(derivation, numbers, categories)
        self._few = FewArrangement(derivation, [*numbers, *categories])

    def score(
        self, numbers: NDArray[np.float64], texts: Sequence[TextColumn]
    ) -> NDArray[np.float64]:
        """Return one score for each row, (n,), for number columns (j, n) and category columns, (n,) each."""
        return self._session.score(*self._many(numbers, texts))

    def score_few(self, rows: Sequence[Values]) -> NDArray[np.float64]:
        """Return one score for each row, (n,), like `score` but faster for a few rows."""
        return self._session.score_few(self._few(rows))


def _read_spec(path: Path) -> ScorerSpec:
    what = "describes a model that this code cannot serve"
    fix = "check out the commit that trained the model, or run 'dvc repro'"
    return document.read(path, ScorerSpec, what, fix)


def columns_of(rows: dict[str, list[Any]], spec: FeatureSpec) -> dict[str, NDArray[Any]]:
    """Return columns of plain values, None for missing, as arrays."""
    return {
        name: np.array([np.nan if v is None else v for v in rows[name]], dtype=np.float64)
        if kind == "number"
        else np.array(["" if v is None else v for v in rows[name]], dtype=object)
        for name, kind in spec.inputs.items()
    }
