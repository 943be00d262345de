"""No BLAS on the path of requests: one dot product of a large request wakes threads on every core."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mooring.graph.closure import closure

ROOT = Path(__file__).parents[2]
SERVICE = "bentos.scorer.service"
CALLS_BLAS = {
    *("dot", "vdot", "inner", "matmul", "tensordot", "einsum", "linalg", "vecdot", "matvec"),
    *("cov", "corrcoef", "correlate", "convolve", "polyfit", "lstsq"),
}
"""Names of numpy that end in BLAS or LAPACK."""


def blas_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            yield f"line {node.lineno}: @"
        elif isinstance(node, ast.Attribute) and node.attr in CALLS_BLAS:
            yield f"line {node.lineno}: .{node.attr}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numpy"):
            yield from (f"import {a.name}" for a in node.names if a.name in CALLS_BLAS)


SERVED = [path for path in closure(SERVICE, root=ROOT).files if path.endswith(".py")]


def test_what_serves_holds_what_reads_scores_and_answers() -> None:
    assert {
        "mooring/features/derived.py",
        "mooring/bento/session.py",
        "mooring/serving/http/direct.py",
        "mooring/serving/reading/arrow.py",
        "mooring/serving/scoring/predictor.py",
    } <= set(SERVED)


@pytest.mark.parametrize("path", SERVED)
def test_no_module_that_serves_calls_blas(path: str) -> None:
    assert list(blas_in(ast.parse((ROOT / path).read_text()))) == []


@pytest.mark.parametrize(
    "code",
    ["a @ b", "a @= b", "np.dot(a, b)", "a.dot(b)", "np.linalg.norm(a)", "from numpy import dot"],
)
def test_each_way_to_blas_is_found(code: str) -> None:
    assert list(blas_in(ast.parse(code)))
