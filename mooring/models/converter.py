"""Compile an estimator without an own rule, through skl2onnx in float32."""

from typing import Any

import onnx
from onnx import compose
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

from mooring.errors import CompileError
from mooring.models.onnx_graph import ML, OPSETS, Graph

PREFIX = "converted_"


def convert(graph: Graph, columns: str, estimator: Any) -> str:
    """Add the fitted estimator; return the name of its score, (n, 1) float64.

    Raises CompileError, naming the estimator, when skl2onnx cannot express it.
    """
    classifier = hasattr(estimator, "classes_")
    try:
        model = convert_sklearn(
            estimator,
            initial_types=[("columns", FloatTensorType([None, estimator.n_features_in_]))],
            options={id(estimator): {"zipmap": False}} if classifier else None,
            target_opset={"": OPSETS[""], ML: 3},
        )
    except (RuntimeError, NotImplementedError, ValueError, TypeError) as error:
        raise CompileError(
            f"the estimator {type(estimator).__name__} cannot be compiled",
            where="conf/model",
            expected="an estimator that skl2onnx converts",
            got=str(error).strip().splitlines()[0],
            fix="choose another estimator in conf/model",
        ) from error
    inner = compose.add_prefix_graph(model.graph, PREFIX)
    rounded = graph.node("Cast", [columns], to=onnx.TensorProto.FLOAT)
    graph.nodes.append(onnx.helper.make_node("Identity", [rounded], [inner.input[0].name]))
    graph.nodes.extend(inner.node)
    graph.constants.extend(inner.initializer)
    output = graph.double(inner.output[-1].name)
    return graph.take(output, [1]) if classifier else output
