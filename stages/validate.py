"""Stop the graph if a row breaks a rule of conf/data."""

from pathlib import Path

from mooring.config.data import Data
from mooring.config.load import load
from mooring.data.validation import validate

ROWS = Path("data/rows.parquet")
REPORT = Path("reports/validation.json")


def main() -> None:
    """data/rows.parquet → reports/validation.json."""
    report = validate(load(Data), ROWS, REPORT)
    print(f"{report['data']}: {report['rows']:,} rows keep every rule")
