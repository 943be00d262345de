"""Build an ONNX graph node by node, in float64, with names that depend only on the order."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import checker, helper, numpy_helper

from mooring.bento.session import CATEGORIES, CODES, OTHER, TEXTS

ML = "ai.onnx.ml"
OPSETS = {"": 18, ML: 5}  # ai.onnx.ml 5 has TreeEnsemble, the one tree operator with float64
IR_VERSION = 10


class Graph:
    """Nodes and constants, in the order in which they were added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._categories: dict[int, dict[str, Any]] = {}

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
        return self.node("Gather", [name, self.constant(columns, np.int64)], axis=1)

    def encode(self, position: int, texts: Sequence[str], codes: Sequence[int], other: int) -> None:
        """Declare the codes of the input `category` at `position`: one for each text, one for any other."""
        self._categories[position] = {TEXTS: [*texts], CODES: [*codes], OTHER: other}

    def concat(self, names: Sequence[str]) -> str:
        """Concatenate columns."""
        return names[0] if len(names) == 1 else self.node("Concat", names, axis=1)

    def equal(self, names: str, values: ArrayLike, dtype: Any) -> str:
        """Compare columns, (n, k) or (n, 1), with one value each, (k,); return (n, k) of 0 and 1."""
        row = np.asarray(values)[None, :]
        return self.double(self.node("Equal", [names, self.constant(row, dtype)]))

    def model(self, score: str, n_numeric: int, n_categorical: int) -> bytes:
        """Return the checked model: numeric (n, k) float64, category (n, m) int64 → score (n,) float64.

        Its metadata holds the code of each text.
        """
        self.nodes.append(
            helper.make_node("Reshape", [score, self.constant([-1], np.int64)], ["score"])
        )
        inputs = [
            helper.make_tensor_value_info(name, kind, ["n", width])
            for name, kind, width in (
                ("numeric", onnx.TensorProto.DOUBLE, n_numeric),
                ("category", onnx.TensorProto.INT64, n_categorical),
            )
            if width
        ]
        output = helper.make_tensor_value_info("score", onnx.TensorProto.DOUBLE, ["n"])
        model = helper.make_model(
            helper.make_graph(self.nodes, "pipeline", inputs, [output], self.constants),
            opset_imports=[helper.make_opsetid(name, version) for name, version in OPSETS.items()],
            ir_version=IR_VERSION,
            producer_name="mooring",
        )
        columns = [self._categories[position] for position in range(n_categorical)]
        helper.set_model_props(model, {CATEGORIES: json.dumps(columns, separators=(",", ":"))})
        checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))
