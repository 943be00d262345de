"""The compiled model as it is served: check its files, replay its golden rows, score rows.

Needs onnxruntime and numpy only. In go the columns of a request, out comes one score a row.
"""

from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import ValidationError

from mooring import files
from mooring.config.metric import Task
from mooring.config.section import Strict
from mooring.errors import IntegrityError
from mooring.features.derivation import Columns, Derivation
from mooring.features.spec import FeatureSpec

MODEL, SPEC, GOLDEN = "model.onnx", "spec.json", "golden.json"


class ScorerSpec(Strict):
    """What a compiled model is: the file spec.json beside model.onnx."""

    schema_version: int
    name: str
    task: Task
    target: str
    model_sha256: str
    train_end: str | None
    """The last moment that it was trained on, in UTC; null where the data has no time."""
    features: FeatureSpec


class Scorer:
    """A compiled model, ready to score."""

    def __init__(
        self, spec: ScorerSpec, golden: dict[str, Any], model: bytes, n_threads: int
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.spec = spec
        self._golden = golden
        self._derivation = Derivation(spec.features)
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    @classmethod
    def load(cls, directory: Path | str, n_threads: int) -> Self:
        """Load the model of a directory. Raises IntegrityError when a file is not what spec.json says."""
        directory = Path(directory)
        spec = _read_spec(directory / SPEC)
        try:
            model = (directory / MODEL).read_bytes()
        except OSError as error:
            raise IntegrityError(
                "cannot be read",
                where=str(directory / MODEL),
                got=str(error),
                mend="run 'dvc repro'",
            ) from error
        digest = files.sha256_bytes(model)
        if digest != spec.model_sha256:
            raise IntegrityError(
                "is not the model that spec.json describes",
                where=str(directory / MODEL),
                expected=f"sha256 {spec.model_sha256}",
                got=f"sha256 {digest}",
                mend="restore it with 'dvc checkout', or run 'dvc repro'",
            )
        return cls(spec, files.read_json(directory / GOLDEN), model, n_threads)

    def score(self, inputs: Columns) -> NDArray[np.float64]:
        """Return one score a row, (n,): the positive class's probability, or the predicted number."""
        return self.score_matrices(*self._derivation.matrices(inputs))

    def score_matrices(
        self, numeric: NDArray[np.float64], category: NDArray[np.object_]
    ) -> NDArray[np.float64]:
        """Score the two matrices of a derivation: (n, k) float64 and (n, m) text."""
        feed = {"numeric": numeric, "category": category}
        used = {name: matrix for name, matrix in feed.items() if matrix.shape[1]}
        (scores,) = self._session.run(["score"], used)
        return np.asarray(scores)

    def golden_difference(self) -> float:
        """Replay the golden rows; return the largest difference from the fitted model's scores."""
        scores = self.score(columns_of(self._golden["rows"], self.spec.features))
        return float(np.abs(scores - np.asarray(self._golden["scores"])).max())


def _read_spec(path: Path) -> ScorerSpec:
    try:
        return ScorerSpec.model_validate(files.read_json(path), strict=False)
    except ValidationError as error:
        raise IntegrityError(
            "does not describe a model that this code can serve",
            where=str(path),
            got=str(error).splitlines()[0],
            mend="use the code of the commit that trained the model, or run 'dvc repro'",
        ) from error


def columns_of(rows: dict[str, list[Any]], spec: FeatureSpec) -> dict[str, NDArray[Any]]:
    """Return columns of plain values, None for missing, as arrays."""
    return {
        name: np.array([np.nan if v is None else v for v in rows[name]], dtype=np.float64)
        if kind == "number"
        else np.array(["" if v is None else v for v in rows[name]], dtype=object)
        for name, kind in spec.inputs.items()
    }
