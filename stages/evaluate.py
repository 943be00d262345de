"""Measure the challenger on the test window, compare it with the champion, and apply the gate."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from mooring.bento.compiled import Scorer
from mooring.config.gate import Gate
from mooring.config.load import load
from mooring.config.report import Report
from mooring.config.runtime import Runtime
from mooring.days import local_days
from mooring.evaluation.comparison import HeldOutRows
from mooring.evaluation.evaluation import write_evaluation
from mooring.evaluation.parity import parity, refuse_disparity
from mooring.features.arrays import input_columns
from mooring.features.layout import Layout
from mooring.machine.process import pin_threads
from mooring.models.saved import load_pipeline
from mooring.models.table import read_table
from mooring.models.training import predict

OUTPUT = Path("reports/evaluation")


def main() -> None:
    """data/test.parquet, its features, models/{pipeline.skops,scorer,champion} → reports/evaluation."""
    gate, report, runtime = load(Gate), load(Report), load(Runtime)
    pin_threads(runtime.n_threads)
    layout = Layout.read()
    table = read_table("data/features/test.parquet", layout)
    inputs = input_columns(pq.read_table("data/test.parquet"), layout.spec)
    scorer = Scorer.load("models/scorer", runtime.n_threads)
    scores = scorer.score(inputs)
    fitted = predict(load_pipeline("models/pipeline.skops"), table)
    facts = parity(scores, fitted, table.keys, gate.parity_atol)
    days = None
    if layout.time is not None and table.times is not None:
        days = local_days(table.times, layout.time.zone).astype(np.int64)
    rows = HeldOutRows(inputs, table.target, table.times, days)
    champion = Path("models/champion")
    verdict = write_evaluation(
        OUTPUT, scorer, scores, rows, champion, facts, layout, gate, report, runtime
    )
    print(f"parity: {facts['max_abs_difference']:.2g} on {facts['n']:,} rows; verdict: {verdict}")
    refuse_disparity(facts, "models/scorer")
