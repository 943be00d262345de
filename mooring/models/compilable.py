"""Refuse a model that cannot be compiled, before any training, by fitting and compiling a sample."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from mooring.bento.session import Session
from mooring.config.features import Features
from mooring.config.model import Model
from mooring.config.runtime import Runtime
from mooring.errors import CompileError
from mooring.models.compiler import compile_pipeline
from mooring.models.saved import dump_pipeline
from mooring.models.table import Table
from mooring.models.training import fit, predict

SAMPLE_ROWS = 500
RELATIVE_TOLERANCE = 1e-6
"""The tolerance, relative to the largest score. Own rules stay below 1e-13; skl2onnx (float32) may not."""


def refuse_uncompilable(
    table: Table, features: Features, model: Model, params: Mapping[str, Any], runtime: Runtime
) -> None:
    """Raise CompileError, naming the transformer or estimator, unless a sample compiles and agrees."""
    sample = table.rows(_spread(table.target))
    pipeline = fit(sample, features, model, params, runtime)
    dump_pipeline(pipeline)
    n_numeric = len(features.numeric_columns)
    try:
        compiled = compile_pipeline(pipeline, n_numeric)
        scores = Session(compiled, runtime.n_threads).score(*sample.matrices(n_numeric))
    except (onnx.checker.ValidationError, *RUNTIME_ERRORS) as error:
        raise _refused(model, str(error).strip().splitlines()[0]) from error
    fitted = predict(pipeline, sample)
    difference = float(np.abs(scores - fitted).max())
    if not difference <= RELATIVE_TOLERANCE * max(1.0, float(np.abs(fitted).max())):
        raise _refused(
            model, f"scores that differ by {difference:.2g} on {len(sample)} sample rows"
        )


_state = onnxruntime.capi.onnxruntime_pybind11_state
RUNTIME_ERRORS = (_state.Fail, _state.InvalidGraph, _state.InvalidArgument, _state.NotImplemented)


def _spread(target: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return positions spread evenly over the sorted target, so that both classes are included."""
    order = np.argsort(target, kind="stable")
    picks = np.linspace(0, len(order) - 1, min(SAMPLE_ROWS, len(order))).astype(np.intp)
    return np.sort(order[picks])


def _refused(model: Model, got: str) -> CompileError:
    return CompileError(
        f"the estimator {model.estimator} cannot be compiled faithfully",
        where="conf/model",
        expected=f"the fitted scores, to {RELATIVE_TOLERANCE:g}",
        got=got,
        fix="choose another estimator or other parameters in conf/model",
    )
