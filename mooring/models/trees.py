"""Compile ensembles of trees to one TreeEnsemble operator in float64.

Converters use float32 thresholds, which send rows down the wrong branch: errors of several per cent
on a few rows in a thousand. Here a compiled tree compares the same numbers as scikit-learn:
float64 with float64 (histogram boosting), or float64 with a value rounded to float32 (the other trees).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from mooring.errors import CompileError
from mooring.models.folding import ColumnFolding
from mooring.models.onnx_graph import ML, Graph


class Tree(NamedTuple):
    """One binary tree as arrays over its nodes, (n_nodes,)."""

    feature: NDArray[Any]
    threshold: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    is_leaf: NDArray[Any]
    missing_left: NDArray[Any]
    value: NDArray[Any]


def compile_trees(
    graph: Graph, columns: str, trees: Iterable[Tree], start: float = 0.0, sign: int = 1
) -> str:
    """Add `sign` times the sum of `start` and all trees; return its name, (n, 1) float64."""
    roots: list[int] = []
    leaf_weights: list[float] = []
    nodes: list[tuple[int, float, int, int, int, int, int]] = []
    for tree in trees:
        roots.append(len(nodes))
        _append(tree._replace(value=sign * (tree.value + start)), nodes, leaf_weights)
        start = 0.0  # in the first tree, which saves an operator
    feature, split, missing, true_id, true_leaf, false_id, false_leaf = zip(*nodes, strict=True)
    return graph.node(
        "TreeEnsemble",
        [columns],
        ML,
        n_targets=1,
        aggregate_function=1,
        post_transform=0,
        tree_roots=roots,
        nodes_featureids=feature,
        nodes_splits=_tensor("splits", split, np.float64),
        nodes_modes=_tensor("modes", [0] * len(nodes), np.uint8),
        nodes_missing_value_tracks_true=missing,
        nodes_truenodeids=true_id,
        nodes_trueleafs=true_leaf,
        nodes_falsenodeids=false_id,
        nodes_falseleafs=false_leaf,
        leaf_targetids=[0] * len(leaf_weights),
        leaf_weights=_tensor("weights", leaf_weights, np.float64),
    )


def _tensor(name: str, values: Any, dtype: Any) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values, dtype=dtype), name)


def _append(tree: Tree, nodes: list[Any], leaf_weights: list[float]) -> None:
    leaf = np.asarray(tree.is_leaf, dtype=bool)
    node_id = np.cumsum(~leaf) - 1 + len(nodes)
    leaf_id = np.cumsum(leaf) - 1 + len(leaf_weights)
    leaf_weights += [float(value) for value in np.asarray(tree.value)[leaf]]
    if leaf[0]:  # a tree with a single leaf: a node whose two branches both end there
        nodes.append((0, 0.0, 1, int(leaf_id[0]), 1, int(leaf_id[0]), 1))
        return
    target = np.where(leaf, leaf_id, node_id)
    for node in np.flatnonzero(~leaf):
        left, right = int(tree.left[node]), int(tree.right[node])
        nodes.append(
            (
                int(tree.feature[node]),
                float(tree.threshold[node]),
                int(tree.missing_left[node]),
                int(target[left]),
                int(leaf[left]),
                int(target[right]),
                int(leaf[right]),
            )
        )


def _of_sklearn(tree: Any, value: NDArray[Any]) -> Tree:
    return Tree(
        tree.feature,
        tree.threshold,
        tree.children_left,
        tree.children_right,
        tree.children_left < 0,
        tree.missing_go_to_left,
        value,
    )


def compile_forest(graph: Graph, columns: str, estimator: Any) -> str:
    """Add a forest, extra trees or a single tree; return its mean, (n, 1)."""
    members = getattr(estimator, "estimators_", [estimator])
    if hasattr(estimator, "classes_"):
        trees = [
            _of_sklearn(m.tree_, m.tree_.value[:, 0, 1] / m.tree_.value[:, 0].sum(axis=1))
            for m in members
        ]
    else:
        trees = [_of_sklearn(m.tree_, m.tree_.value[:, 0, 0]) for m in members]
    total = compile_trees(graph, _rounded(graph, columns), trees)
    return graph.node("Div", [total, graph.constant([float(len(members))])])


def compile_gradient_boosting(graph: Graph, columns: str, estimator: Any, sign: int) -> str:
    """Add GradientBoosting*; return `sign` times its raw prediction, (n, 1)."""
    if estimator.init not in (None, "zero"):
        raise CompileError(f"{type(estimator).__name__} with init cannot be compiled")
    start = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), np.float32))
    trees = [
        _of_sklearn(m.tree_, estimator.learning_rate * m.tree_.value[:, 0, 0])
        for m in estimator.estimators_[:, 0]
    ]
    return compile_trees(graph, _rounded(graph, columns), trees, float(np.ravel(start)[0]), sign)


def compile_hist_gradient_boosting(
    graph: Graph, columns: str, estimator: Any, folds: Mapping[int, ColumnFolding], sign: int
) -> str:
    """Add HistGradientBoosting*; return `sign` times its raw prediction, (n, 1).

    `folds` holds, by column position, the transformations to fold into the thresholds.
    """
    trees = []
    for (predictor,) in estimator._predictors:
        nodes = predictor.nodes
        if (nodes["is_categorical"].astype(bool) & ~nodes["is_leaf"].astype(bool)).any():
            raise CompileError(
                f"{type(estimator).__name__}: categorical_features cannot be compiled",
                where="conf/model",
                fix="encode the categories in conf/features",
            )
        threshold, missing_left = _unfolded(nodes, folds)
        trees.append(
            Tree(
                nodes["feature_idx"],
                threshold,
                nodes["left"],
                nodes["right"],
                nodes["is_leaf"],
                missing_left,
                nodes["value"],
            )
        )
    start = float(np.ravel(estimator._baseline_prediction)[0])
    return compile_trees(graph, columns, trees, start, sign)


def _unfolded(nodes: Any, folds: Mapping[int, ColumnFolding]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the thresholds of nodes and the direction of missing values, for the unfolded columns."""
    thresholds, missing_left = nodes["num_threshold"].copy(), nodes["missing_go_to_left"].copy()
    for feature, fold in folds.items():
        at = np.flatnonzero((nodes["feature_idx"] == feature) & (nodes["is_leaf"] == 0))
        missing_left[at] = fold.missing_left(thresholds[at], missing_left[at])
        thresholds[at] = fold.threshold(thresholds[at])
    return thresholds, missing_left


def _rounded(graph: Graph, columns: str) -> str:
    return graph.double(graph.node("Cast", [columns], to=onnx.TensorProto.FLOAT))
