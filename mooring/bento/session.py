"""Run a compiled model: encode texts as numbers, then score with ONNX Runtime.

Needs only onnxruntime and numpy.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from math import nan
from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mooring.features.few import Values
from mooring.features.texts import TextColumn

INPUT, OUTPUT = "columns", "score"
"""Of the graph: (n, k) float64, first the numbers, then what stands for the texts; and (n,) float64."""
ENCODED = "encoded"
"""The entry of a model's metadata that lists its category columns, in the order of the input."""


class EncodedColumn(NamedTuple):
    """How a category column stands in the input: for each text a row of zeros with one number."""

    column: int
    """Its position among the category columns."""
    width: int
    texts: list[str]
    places: list[int]
    """Where the number stands, for each text, and last for any other."""
    values: list[float]
    """The number, likewise."""


class _Rows(dict[str, bytes]):
    """The row that stands for each text of an encoded column, as bytes of float64."""

    def __init__(self, encoded: EncodedColumn) -> None:
        n_rows = len(encoded.values)
        table = np.zeros((n_rows, encoded.width))
        table[np.arange(n_rows), encoded.places] = encoded.values
        *known, self._other = [row.tobytes() for row in table]
        super().__init__(zip(encoded.texts, known, strict=True))

    def __missing__(self, text: str) -> bytes:
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
        listed = json.loads(self._session.get_modelmeta().custom_metadata_map[ENCODED])
        encoded = [EncodedColumn(**column) for column in listed]
        self._encoded = [(column.column, column.width, _Rows(column)) for column in encoded]
        (columns,) = self._session.get_inputs()
        self._width: int = columns.shape[1]
        self._n_numbers = self._width - sum(column.width for column in encoded)
        self._pack = struct.Struct(f"{self._n_numbers}d").pack

    def score(
        self, numeric: NDArray[np.float64], category: Sequence[TextColumn]
    ) -> NDArray[np.float64]:
        """Return one score for each row, (n,), for numbers (k, n) and m category columns, (n,) each."""
        columns = np.empty((numeric.shape[1], self._width))
        start = self._n_numbers
        columns[:, :start] = numeric.T
        for position, width, rows in self._encoded:
            columns[:, start : start + width] = category[position].encoded(rows, width)
            start += width
        return self._run(columns)

    def score_few(self, rows: Iterable[tuple[Values, Values]]) -> NDArray[np.float64]:
        """Return one score for each row, (n,), for k numbers and m texts each, None for missing."""
        parts = []
        for numbers, texts in rows:
            parts.append(self._packed_numbers(numbers))
            parts += [known[texts[position] or ""] for position, _, known in self._encoded]
        return self._run(np.frombuffer(b"".join(parts)).reshape(-1, self._width))

    def _packed_numbers(self, numbers: Values) -> bytes:
        try:
            return self._pack(*numbers)
        except struct.error:  # one is missing
            return self._pack(*[nan if number is None else number for number in numbers])

    def _run(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        (scores,) = self._session.run([OUTPUT], {INPUT: columns})
        return np.asarray(scores)
