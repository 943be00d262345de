"""Measure a challenger on the test window and apply the gate: the content of reports/evaluation."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mooring import files
from mooring.bento.compiled import Scorer
from mooring.config.gate import Gate
from mooring.config.metric import METRICS_OF_TASK, Task
from mooring.config.report import Report
from mooring.config.runtime import Runtime
from mooring.evaluation.comparison import HeldOutRows, compare
from mooring.evaluation.gate import decide
from mooring.evaluation.importance import permutation_importance
from mooring.features.layout import Layout
from mooring.metrics import curves
from mooring.metrics.scores import measure
from mooring.metrics.slices import slice_table, worst_slices

Floats = NDArray[np.float64]


def write_evaluation(
    directory: Path,
    scorer: Scorer,
    scores: Floats,
    rows: HeldOutRows,
    champion: Path,
    parity: dict[str, Any],
    layout: Layout,
    gate: Gate,
    report: Report,
    runtime: Runtime,
) -> str:
    """Write metrics, slices, comparison, plots and verdict of `scores`; return the verdict."""
    metrics = measure(layout.task, rows.target, scores, n_bins=report.n_bins)
    limits = report.slices, report.min_slice_rows
    pinned = runtime.seed, runtime.n_threads
    comparison = compare(champion, scores, rows, *limits, layout, gate, *pinned)
    verdict = decide(
        gate, metrics, comparison.overall, comparison.slices, len(rows.target), comparison.problem
    )
    importance = permutation_importance(
        scorer.score,
        rows.inputs,
        rows.target,
        gate.metric,
        n_rows=report.importance_rows,
        n_repeats=report.importance_repeats,
        seed=runtime.seed,
    )
    facts = {
        "metrics": metrics,
        "slices": _slices(layout.task, rows, scores, report),
        "comparison": comparison.plain(),
        "parity": parity,
        "gate": asdict(verdict) | {"model_sha256": scorer.spec.model_sha256},
    }
    plots = _plots(layout.task, rows.target, scores, report, runtime.seed)
    _write(directory, facts, {**plots, "importance": importance})
    return verdict.verdict


def _slices(task: Task, rows: HeldOutRows, scores: Floats, report: Report) -> dict[str, Any]:
    columns = {column: rows.inputs[column] for column in report.slices}
    limits = {"min_rows": report.min_slice_rows, "n_bins": report.n_bins}
    slices = slice_table(task, rows.target, scores, columns, **limits)
    worst = worst_slices(slices, METRICS_OF_TASK[task])
    return {"slices": slices, "worst": worst}


def _write(directory: Path, found: dict[str, Any], plots: dict[str, pd.DataFrame]) -> None:
    with files.replacing_directory(directory) as temporary:
        for name, value in found.items():
            files.write_json(temporary / f"{name}.json", value)
        (temporary / "plots").mkdir()
        for name, table in plots.items():
            table.to_csv(temporary / "plots" / f"{name}.csv", index=False)


def _plots(
    task: Task, target: Floats, scores: Floats, report: Report, seed: int
) -> dict[str, pd.DataFrame]:
    """Return every table that DVC plots; those of the other task have a header and no rows."""
    binary = task == "classification"
    threshold = 0.5 if report.threshold is None else report.threshold
    none = target[:0], scores[:0]
    rows, others = ((target, scores), none) if binary else (none, (target, scores))
    of_classes = {
        "roc": curves.roc(*rows),
        "precision_recall": curves.precision_recall(*rows),
        "calibration": curves.calibration(*rows, report.n_bins),
        "confusion": curves.confusion(*rows, threshold),
        "thresholds": curves.thresholds(*rows).dropna(),
    }
    of_numbers = {
        "residuals": curves.residuals(*others, seed),
        "mean_calibration": curves.mean_calibration(*others, report.n_bins),
    }
    if not binary:  # tables of fixed length have rows for any task
        of_classes = {name: table.iloc[:0] for name, table in of_classes.items()}
    return of_classes | of_numbers
