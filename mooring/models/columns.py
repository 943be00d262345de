"""Compile a fitted ColumnTransformer: each transformer that conf/features can name, in float64."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from mooring.errors import CompileError
from mooring.models.graph import ML, Graph

UNSEEN = "\x00unseen\x00"


def compile_columns(graph: Graph, transformer: ColumnTransformer, n_numeric: int) -> str:
    """Add the fitted transformer, which names columns by position; return its output, (n, width).

    Raises CompileError for a transformer that has no rule, by name.
    """
    outputs = []
    for _, step, positions in transformer.transformers_:
        if step == "drop" or not len(positions):
            continue
        numeric = positions[0] < n_numeric
        source = "numeric" if numeric else "category"
        offset = 0 if numeric else n_numeric
        width = n_numeric if numeric else transformer.n_features_in_ - n_numeric
        picked = [position - offset for position in positions]
        # To pick all of them was a fifth of what a thousand rows cost.
        column = source if picked == list(range(width)) else graph.take(source, picked)
        outputs.append(_compile_step(graph, column, step))
    return graph.concat(outputs)


def _compile_step(graph: Graph, column: str, step: Any) -> str:
    if isinstance(step, FunctionTransformer) and step.func is None:  # a fitted "passthrough"
        return column
    if isinstance(step, Pipeline):
        for _, inner in step.steps:
            column = _compile_step(graph, column, inner)
        return column
    rule = RULES.get(type(step).__name__)
    if rule is None:
        raise CompileError(
            f"the transformer {type(step).__name__} cannot be compiled",
            where="conf/features",
            expected=f"one of {', '.join(RULES)}",
        )
    return rule(graph, column, step)


def _imputer(graph: Graph, column: str, step: Any) -> str:
    missing = graph.node("IsNaN", [column])
    filled = graph.node("Where", [missing, graph.constant(step.statistics_[None, :]), column])
    if not step.add_indicator or not len(step.indicator_.features_):
        return filled
    return graph.concat([filled, graph.double(graph.take(missing, step.indicator_.features_))])


def _affine(subtract: str, divide: str) -> Callable[[Graph, str, Any], str]:
    def rule(graph: Graph, column: str, step: Any) -> str:
        centred = graph.node("Sub", [column, graph.constant(getattr(step, subtract)[None, :])])
        return graph.node("Div", [centred, graph.constant(getattr(step, divide)[None, :])])

    return rule


def _minmax(graph: Graph, column: str, step: Any) -> str:
    scaled = graph.node("Mul", [column, graph.constant(step.scale_[None, :])])
    return graph.node("Add", [scaled, graph.constant(step.min_[None, :])])


def _bins(graph: Graph, columns: str, step: Any) -> str:
    outputs = []
    for position, edges in enumerate(step.bin_edges_):
        column = graph.take(columns, [position])
        reached = graph.node(
            "Not", [graph.node("Less", [column, graph.constant(edges[None, 1:-1])])]
        )
        code = graph.node("ReduceSum", [graph.double(reached), graph.constant([1], np.int64)])
        outputs.append(graph.one_hot(code, int(step.n_bins_[position]), np.float64))
    return graph.concat(outputs)


def _encoder(graph: Graph, columns: str, step: Any) -> str:
    outputs, start = [], 0
    one_hot = type(step).__name__ == "OneHotEncoder"
    for position, categories in enumerate(step.categories_):
        table = _encoded(step, position)
        width = int(step._n_features_outs[position]) if one_hot else 1
        table, start = table[:, start : start + width], start + width
        column = graph.take(columns, [position])
        codes, default = _hot_position(table) if one_hot else _row_number(table)
        code = graph.node(
            "LabelEncoder",
            [column],
            ML,
            keys_strings=[str(category) for category in categories],
            values_int64s=[int(value) for value in codes],
            default_int64=int(default),
        )
        if one_hot:
            outputs.append(graph.one_hot(code, width, np.int64))
        else:
            outputs.append(graph.node("Gather", [graph.constant(table[:, 0]), code], axis=0))
    return graph.concat(outputs)


def _encoded(step: Any, position: int) -> NDArray[np.float64]:
    """Return what the fitted encoder makes of each category of one column, and last of an unseen one.

    Read off the encoder itself, so that rare and unseen ones are right whatever its options.
    """
    categories = step.categories_[position]
    rows = np.empty((len(categories) + 1, len(step.categories_)), dtype=object)
    for other, texts in enumerate(step.categories_):
        rows[:, other] = texts[0]
    rows[:, position] = [*categories, UNSEEN]
    with warnings.catch_warnings():  # scikit-learn warns of the unseen category, which is the point
        warnings.simplefilter("ignore", UserWarning)
        encoded = step.transform(pd.DataFrame(rows, columns=step.feature_names_in_))
    return np.asarray(encoded, dtype=np.float64)


def _hot_position(table: NDArray[np.float64]) -> tuple[NDArray[np.intp], int]:
    hot = np.where(table.any(axis=1), table.argmax(axis=1), -1)
    return hot[:-1], int(hot[-1])


def _row_number(table: NDArray[np.float64]) -> tuple[NDArray[np.intp], int]:
    return np.arange(len(table) - 1), len(table) - 1


RULES: dict[str, Callable[[Graph, str, Any], str]] = {
    "SimpleImputer": _imputer,
    "StandardScaler": _affine("mean_", "scale_"),
    "RobustScaler": _affine("center_", "scale_"),
    "MinMaxScaler": _minmax,
    "KBinsDiscretizer": _bins,
    "OneHotEncoder": _encoder,
    "OrdinalEncoder": _encoder,
    "TargetEncoder": _encoder,
}
