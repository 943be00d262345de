"""Build an ONNX graph node by node, in float64, with names that depend only on the order."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import checker, helper, numpy_helper

from mooring.bento.session import ENCODED, INPUT, OUTPUT, EncodedColumn

ML = "ai.onnx.ml"
OPSETS = {"": 18, ML: 5}  # ai.onnx.ml 5 has TreeEnsemble, the one tree operator with float64
IR_VERSION = 10


Columns = list[int] | str
"""Columns of the input, by position; or the name of what an operator made of some."""


class Graph:
    """Nodes and constants, in the order in which they were added."""

    def __init__(self, n_numeric: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.width = n_numeric
        """Of the input so far."""
        self._encoded: list[EncodedColumn] = []

    def _name(self, stem: str) -> str:
        return f"{stem}_{len(self.nodes) + len(self.constants)}"

    def constant(self, values: ArrayLike, dtype: Any = np.float64) -> str:
        """Add a constant; return its name."""
        name = self._name("constant")
        array = np.ascontiguousarray(np.asarray(values, dtype=dtype))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        """Add one operator with one output; return the output's name."""
        name = self._name(kind.lower())
        self.nodes.append(
            helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes)
        )
        return name

    def double(self, name: str) -> str:
        """Cast to float64."""
        return self.node("Cast", [name], to=onnx.TensorProto.DOUBLE)

    def take(self, name: str, columns: Sequence[int] | NDArray[np.intp]) -> str:
        """Pick columns, by position."""
        first, n = int(columns[0]), len(columns)
        if list(columns) != list(range(first, first + n)):
            return self.node("Gather", [name, self.constant(columns, np.int64)], axis=1)
        if name == INPUT and n == self.width:  # to copy it was a fifth of what a thousand rows cost
            return name
        bounds = [self.constant([bound], np.int64) for bound in (first, first + n, 1)]
        return self.node("Slice", [name, *bounds])

    def encode(self, column: int, texts: Sequence[str], table: NDArray[np.float64]) -> list[int]:
        """Put a category column into the input, as a row of `table` (n + 1, width) for each text.

        The last row stands for any other text. A row has one number that is not 0 at most. Return
        which columns of the input they are.
        """
        places = np.abs(table).argmax(axis=1)
        values = np.take_along_axis(table, places[:, None], axis=1)[:, 0]
        width, start = table.shape[1], self.width
        self.width += width
        self._encoded.append(
            EncodedColumn(column, width, [*texts], places.tolist(), values.tolist())
        )
        return [*range(start, self.width)]

    def concat(self, parts: Sequence[Columns]) -> str:
        """Put columns side by side."""
        names: list[str] = []
        picked: list[int] = []
        for part in [*parts, ""]:
            if isinstance(part, list):
                picked += part
                continue
            if picked:
                names.append(self.take(INPUT, picked))
                picked = []
            if part:
                names.append(part)
        return names[0] if len(names) == 1 else self.node("Concat", names, axis=1)

    def equal(self, names: str, values: ArrayLike, dtype: Any) -> str:
        """Compare columns, (n, k) or (n, 1), with one value each, (k,); return (n, k) of 0 and 1."""
        row = np.asarray(values)[None, :]
        return self.double(self.node("Equal", [names, self.constant(row, dtype)]))

    def model(self, score: str) -> bytes:
        """Return the checked model: columns (n, width) float64 → score (n,) float64.

        Its metadata holds the numbers that stand for each text.
        """
        self.nodes.append(
            helper.make_node("Reshape", [score, self.constant([-1], np.int64)], [OUTPUT])
        )
        double = onnx.TensorProto.DOUBLE
        columns = helper.make_tensor_value_info(INPUT, double, ["n", self.width])
        output = helper.make_tensor_value_info(OUTPUT, double, ["n"])
        model = helper.make_model(
            helper.make_graph(self.nodes, "pipeline", [columns], [output], self.constants),
            opset_imports=[helper.make_opsetid(name, version) for name, version in OPSETS.items()],
            ir_version=IR_VERSION,
            producer_name="mooring",
        )
        encoded = [column._asdict() for column in self._encoded]
        helper.set_model_props(model, {ENCODED: json.dumps(encoded, separators=(",", ":"))})
        checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))
