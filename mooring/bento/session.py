"""Run a compiled model: convert texts to the model's codes, then score with ONNX Runtime.

Needs only onnxruntime and numpy.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mooring.features.derivation import Texts
from mooring.features.few import Values

CATEGORIES = "categories"
"""The entry of a model's metadata with the codes of its texts: TEXTS, CODES and OTHER for each column."""
TEXTS, CODES, OTHER = "texts", "codes", "other"


class _Codes(dict[str, int]):
    """The code of each text that a column was fitted on, and the code of any other text."""

    def __init__(self, column: Mapping[str, Any]) -> None:
        super().__init__(zip(column[TEXTS], column[CODES], strict=True))
        self._other: int = column[OTHER]

    def __missing__(self, text: str) -> int:
        return self._other


class Session:
    """One model of mooring/models/compiler.py, on `n_threads` threads."""

    def __init__(self, model: bytes, n_threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        columns = json.loads(self._session.get_modelmeta().custom_metadata_map[CATEGORIES])
        self._codes = [_Codes(column) for column in columns]

    def score(self, numeric: NDArray[np.float64], category: Sequence[Texts]) -> NDArray[np.float64]:
        """Return one score for each row, (n,), for numbers (n, k) and m category columns, (n,) each."""
        codes = np.empty((len(numeric), len(self._codes)), np.int64)
        for position, (known, texts) in enumerate(zip(self._codes, category, strict=True)):
            codes[:, position] = [known[text] for text in texts]
        return self._run(numeric, codes)

    def score_few(self, rows: Iterable[tuple[Values, Values]]) -> NDArray[np.float64]:
        """Return one score for each row, (n,), for k numbers and m texts each, None for missing."""
        numeric, category = zip(*rows, strict=True)
        codes = [
            [known[text or ""] for known, text in zip(self._codes, texts, strict=True)]
            for texts in category
        ]
        return self._run(np.array(numeric, np.float64), np.array(codes, np.int64))

    def _run(self, numeric: NDArray[np.float64], codes: NDArray[np.int64]) -> NDArray[np.float64]:
        feed: dict[str, NDArray[Any]] = {}
        if numeric.shape[1]:
            feed["numeric"] = numeric
        if codes.shape[1]:
            feed["category"] = codes
        (scores,) = self._session.run(["score"], feed)
        return np.asarray(scores)
