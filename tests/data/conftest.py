"""A small project in a temporary directory: trips in CSV, a query, and its rules."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mooring.config.data import Data
from mooring.config.runtime import Runtime
from mooring.config.window import Window
from mooring.data.ingest import ingest
from mooring.data.split import SplitFiles, split
from mooring.data.validation import validate

TRIPS: dict[str, Any] = {
    "name": "trips",
    "task": "classification",
    "query": "conf/data/trips.sql",
    "sources": {"trips": {"kind": "csv", "path": "data/raw/trips.csv", "null_values": ["NA"]}},
    "key": "id",
    "time": {"column": "asked", "zone": "America/New_York"},
    "target": {"column": "late", "description": "late", "unit": "0 or 1"},
    "columns": {
        "miles": {
            "kind": "number",
            "description": "length",
            "unit": "miles",
            "min": 0,
            "max": 100,
            "max_null_frac": 0.5,
        },
        "city": {
            "kind": "category",
            "description": "where",
            "categories": ["Rye", "Troy"],
            "max_length": 4,
            "max_null_frac": 0.5,
        },
    },
}
QUERY = "select id, asked::timestamp as asked, late, miles, city from trips"
CSV = """id,asked,late,miles,city
c,2024-01-02T12:00:00,1,2.5,Troy
a,2024-01-01T12:00:00,0,1.5,Rye
b,2024-01-01T12:00:00,1,NA,NA
d,2024-01-03T12:00:00,NA,4,Rye
e,2024-01-04T12:00:00,0,5,Rye
f,2024-01-05T12:00:00,1,6,Troy
"""


@dataclass
class Project:
    """The working directory of a stage."""

    root: Path
    runtime: Runtime

    rows = Path("data/rows.parquet")
    manifest = Path("data/manifest.json")
    report = Path("reports/validation.json")
    files = SplitFiles(
        Path("data/train.parquet"),
        Path("data/test.parquet"),
        Path("data/unlabelled.parquet"),
        Path("data/split.json"),
    )

    def data(self, **changes: Any) -> Data:
        """Return the rules of the trips, changed at dotted keys such as columns__miles__max."""
        values = copy.deepcopy(TRIPS)
        for path, value in changes.items():
            *parents, last = path.split("__")
            place = values
            for parent in parents:
                place = place[parent]
            place[last] = value
        return Data.parse("data", values, "conf")

    def csv(self, text: str, name: str = "trips") -> None:
        path = Path(f"data/raw/{name}.csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def ingest(self, query: str = QUERY, data: Data | None = None) -> dict[str, Any]:
        Path("data/query.sql").write_text(query)
        given = data or self.data()
        return ingest(given, self.runtime, Path("data/query.sql"), self.rows, self.manifest)

    def write(self, **columns: list[Any]) -> None:
        """Write rows.parquet directly, past ingest: the four-row default, but for these columns."""
        values: dict[str, list[Any]] = {
            "id": ["a", "b", "c", "d"],
            "asked": [1704110400 * 10**6 + day * 86400 * 10**6 for day in range(4)],
            "late": [0.0, 1.0, 0.0, 1.0],
            "miles": [1.0, 2.0, 3.0, 4.0],
            "city": ["Rye", "Troy", "Rye", "Troy"],
        } | columns
        types = {"id": pa.string(), "asked": pa.timestamp("us"), "city": pa.string()}
        table = pa.table(
            {
                name: pa.array(column, types.get(name, pa.float64()))
                for name, column in values.items()
            }
        )
        pq.write_table(table, self.rows)

    def validate(self, data: Data | None = None, batch_rows: int = 2) -> dict[str, Any]:
        return validate(data or self.data(), self.rows, self.report, batch_rows)

    def split(self, window: dict[str, Any], data: Data | None = None) -> dict[str, Any]:
        form = Window.parse("window", window, "conf")
        return split(data or self.data(), form, self.runtime, self.rows, self.files)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path, Runtime(seed=13, n_threads=2, memory_mb=512))
    made.csv(CSV)
    return made


@pytest.fixture
def table() -> Callable[[Path], dict[str, list[Any]]]:
    """Return a reader of one Parquet file as lists."""
    return lambda path: pq.ParquetFile(path).read().to_pydict()
