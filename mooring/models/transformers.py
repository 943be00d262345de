"""Compile a fitted ColumnTransformer: each transformer that conf/features can name, in float64."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mooring.errors import CompileError
from mooring.models.folding import ColumnFolding, folds_of, passes
from mooring.models.onnx_graph import Graph

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
    outputs = []
    for name, step, positions in transformer.transformers_:
        if step == "drop" or not len(positions):
            continue
        if positions[0] >= n_numeric:
            picked = [position - n_numeric for position in positions]
            outputs.append(_rule(ENCODERS, step)(graph, picked, step))
            continue
        # Skip a Gather of all columns, which took a fifth of the time of a thousand rows.
        whole = list(positions) == list(range(n_numeric))
        column = "numeric" if whole else graph.take("numeric", positions)
        of_group = None if folds is None else folds_of(step, len(positions))
        if folds is not None and of_group is not None:
            folds.update(enumerate(of_group, transformer.output_indices_[name].start))
            outputs.append(column)
        else:
            outputs.append(_compile_step(graph, column, step))
    return graph.concat(outputs)


def _compile_step(graph: Graph, column: str, step: Any) -> str:
    if passes(step):
        return column
    if isinstance(step, Pipeline):
        for _, inner in step.steps:
            column = _compile_step(graph, column, inner)
        return column
    compiled: str = _rule(RULES, step)(graph, column, step)
    return compiled


def _rule(rules: dict[str, Any], step: Any) -> Any:
    rule = rules.get(type(step).__name__)
    if rule is None:
        raise CompileError(
            f"the transformer {type(step).__name__} cannot be compiled",
            where="conf/features",
            expected=f"one of {', '.join(RULES | ENCODERS)}",
        )
    return rule


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


def _one_hot(graph: Graph, picked: Sequence[int], step: Any) -> str:
    """Add a one-hot encoder. The code of a text is the position of its 1, or -1 if it has none."""
    places = []
    for position, table in enumerate(_tables(step)):
        hot = np.where(table.any(axis=1), table.argmax(axis=1), -1).tolist()
        graph.encode(picked[position], step.categories_[position], hot[:-1], hot[-1])
        places.append(np.arange(table.shape[1]))
    columns = graph.take("category", np.repeat(picked, [len(place) for place in places]))
    return graph.equal(columns, np.concatenate(places), np.int64)


def _looked_up(graph: Graph, picked: Sequence[int], step: Any) -> str:
    """Add an encoder from text to one number. The text's code is a row of one shared lookup table."""
    values: list[float] = []
    for position, table in enumerate(_tables(step)):
        rows = range(len(values), len(values) + len(table))
        graph.encode(picked[position], step.categories_[position], rows[:-1], rows[-1])
        values += table[:, 0].tolist()
    return graph.node("Gather", [graph.constant(values), graph.take("category", picked)], axis=0)


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
ENCODERS: dict[str, Callable[[Graph, Sequence[int], Any], str]] = {
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _looked_up,
    "TargetEncoder": _looked_up,
}
