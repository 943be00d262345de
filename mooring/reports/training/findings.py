"""The results of the graph, read once from its files, for page, card and headline metrics.

In: the outputs of ingest, validate, split, search, train and evaluate. Out: `Findings`.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mooring import files
from mooring.config.data import Data
from mooring.config.gate import Gate
from mooring.config.report import Report
from mooring.config.search import Search, TpeSearch
from mooring.errors import IntegrityError

EVALUATION = Path("reports/evaluation")
SEARCH = Path("reports/search")
PLOTS = (
    "calibration", "confusion", "importance", "mean_calibration",
    "precision_recall", "residuals", "roc", "thresholds",
)  # fmt: skip

Facts = dict[str, Any]
Row = Mapping[str, str]


@dataclass(frozen=True)
class CsvTable:
    """The rows of a CSV file, as text."""

    rows: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def texts(self, column: str) -> list[str]:
        """Return a column."""
        return [row[column] for row in self.rows]

    def numbers(self, column: str) -> list[float]:
        """Return a column of numbers, NaN where it is empty."""
        return [float(text) if text else math.nan for text in self.texts(column)]


@dataclass(frozen=True)
class Findings:
    """The outputs of the stages, and the settings that the report shows."""

    data: Data
    gate: Gate
    report: Report
    search_metric: str | None
    """The metric of the trials; None without a search."""
    manifest: Facts
    split: Facts
    validation: Facts
    card: Facts
    metrics: Facts
    slices: list[Facts]
    worst: dict[str, Facts]
    """By metric: column, value, n and metric of its worst slice."""
    comparison: Facts
    parity: Facts
    verdict: Facts
    plots: Mapping[str, CsvTable]
    trials: CsvTable


def read_findings(data: Data, gate: Gate, report: Report, search: Search) -> Findings:
    """Read the outputs of the stages. Raises IntegrityError when one is missing or broken."""
    slices = files.read_json(EVALUATION / "slices.json")
    form = search.root
    return Findings(
        data=data,
        gate=gate,
        report=report,
        search_metric=form.metric if isinstance(form, TpeSearch) else None,
        manifest=files.read_json("data/manifest.json"),
        split=files.read_json("data/split.json"),
        validation=files.read_json("reports/validation.json"),
        card=files.read_json("models/card.json"),
        metrics=files.read_json(EVALUATION / "metrics.json"),
        slices=slices["slices"],
        worst=slices["worst"],
        comparison=files.read_json(EVALUATION / "comparison.json"),
        parity=files.read_json(EVALUATION / "parity.json"),
        verdict=files.read_json(EVALUATION / "gate.json"),
        plots={name: read_table(EVALUATION / "plots" / f"{name}.csv") for name in PLOTS},
        trials=read_table(SEARCH / "trials.csv"),
    )


def read_table(path: Path) -> CsvTable:
    """Read a CSV file with a header. Raises IntegrityError when it is missing or not text."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return CsvTable(tuple(csv.DictReader(file)))
    except (OSError, ValueError, csv.Error) as error:
        raise IntegrityError(
            "cannot be read as CSV", where=str(path), got=str(error), fix="run 'dvc repro'"
        ) from error
