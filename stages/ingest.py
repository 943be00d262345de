"""Run the query over the sources, and pin its rows by hash."""

from pathlib import Path

from mooring.config.data import Data
from mooring.config.load import load
from mooring.config.runtime import Runtime
from mooring.data.ingest import ingest
from mooring.files import read_json
from mooring.graph.requirements import check_installed

PACKAGES = Path("data/packages.json")
QUERY = Path("data/query.sql")
ROWS = Path("data/rows.parquet")
MANIFEST = Path("data/manifest.json")


def main() -> None:
    """data/query.sql, data/packages.json, the sources → data/rows.parquet, data/manifest.json."""
    check_installed(read_json(PACKAGES))
    data = load(Data)
    facts = ingest(data, load(Runtime), QUERY, ROWS, MANIFEST)
    print(f"{data.name}: {facts['rows']:,} rows, {facts['unlabelled_rows']:,} without a label")
