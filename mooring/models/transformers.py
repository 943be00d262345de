"""Compile a fitted ColumnTransformer: each transformer that conf/features can name, in float64."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mooring.bento.session import INPUT
from mooring.errors import CompileError
from mooring.models.folding import ColumnFolding, folds_of, passes
from mooring.models.onnx_graph import Columns, Graph

UNSEEN = "\x00unseen\x00"


def compile_columns(
    graph: Graph,
    transformer: ColumnTransformer,
    n_numeric: int,
    folds: dict[int, ColumnFolding] | None,
) -> str:
    """Add the fitted transformer, which names columns by position; return its output, (n, width).

    If `folds` is given, imputed and scaled numbers are passed through unchanged, and their transformations
    are stored there by the column's position in the output.

    Raises CompileError naming a transformer without a rule.
    """
    groups = [
        (name, step, [*positions])
        for name, step, positions in transformer.transformers_
        if step != "drop" and len(positions)
    ]
    encoded = {  # first, so that the width of the input is known
        name: _encoded_columns(graph, step, [position - n_numeric for position in positions])
        for name, step, positions in groups
        if positions[0] >= n_numeric
    }
    parts: list[Columns] = []
    for name, step, positions in groups:
        of_group = None if folds is None else folds_of(step, len(positions))
        if name in encoded:
            parts.append(encoded[name])
        elif folds is not None and of_group is not None:
            folds.update(enumerate(of_group, transformer.output_indices_[name].start))
            parts.append(positions)
        elif passes(step):
            parts.append(positions)
        else:
            parts.append(_compile_step(graph, graph.take(INPUT, positions), step))
    return graph.concat(parts)


def _compile_step(graph: Graph, column: str, step: Any) -> str:
    if passes(step):
        return column
    if isinstance(step, Pipeline):
        for _, inner in step.steps:
            column = _compile_step(graph, column, inner)
        return column
    rule = RULES.get(type(step).__name__)
    if rule is None:
        raise _without_rule(step)
    return rule(graph, column, step)


def _without_rule(step: Any) -> CompileError:
    return CompileError(
        f"the transformer {type(step).__name__} cannot be compiled",
        where="conf/features",
        expected=f"one of {', '.join([*RULES, *ENCODERS])}",
    )


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
        outputs.append(graph.equal(code, np.arange(int(step.n_bins_[position])), np.float64))
    return graph.concat(outputs)


def _encoded_columns(graph: Graph, step: Any, picked: Sequence[int]) -> list[int]:
    """Put the columns of a fitted encoder into the input; return where they stand."""
    if type(step).__name__ not in ENCODERS:
        raise _without_rule(step)
    places: list[int] = []
    for position, table in enumerate(_tables(step)):
        places += graph.encode(picked[position], step.categories_[position], table)
    return places


def _tables(step: Any) -> Iterator[NDArray[np.float64]]:
    """Yield the part of `_encoded` that belongs to each column."""
    one_hot, start = type(step).__name__ == "OneHotEncoder", 0
    for position in range(len(step.categories_)):
        width = int(step._n_features_outs[position]) if one_hot else 1
        yield _encoded(step, position)[:, start : start + width]
        start += width


def _encoded(step: Any, position: int) -> NDArray[np.float64]:
    """Return the fitted encoder's output for each category of one column, and last for an unseen one.

    Computed by the encoder itself, so that rare and unseen categories are right for all its options.
    """
    categories = step.categories_[position]
    rows = np.empty((len(categories) + 1, len(step.categories_)), dtype=object)
    for other, texts in enumerate(step.categories_):
        rows[:, other] = texts[0]
    rows[:, position] = [*categories, UNSEEN]
    with (
        warnings.catch_warnings()
    ):  # scikit-learn warns about the unseen category, which is intended here
        warnings.simplefilter("ignore", UserWarning)
        encoded = step.transform(pd.DataFrame(rows, columns=step.feature_names_in_))
    return np.asarray(encoded, dtype=np.float64)


RULES: dict[str, Callable[[Graph, str, Any], str]] = {
    "SimpleImputer": _imputer,
    "StandardScaler": _affine("mean_", "scale_"),
    "RobustScaler": _affine("center_", "scale_"),
    "MinMaxScaler": _minmax,
    "KBinsDiscretizer": _bins,
}
ENCODERS = ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder")
