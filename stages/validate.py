"""Check every row against the rules of conf/data, and stop the graph if one breaks a rule."""

from pathlib import Path

from mooring.config.data import Data
from mooring.config.load import load
from mooring.data.validation import validate

ROWS = Path("data/rows.parquet")
REPORT = Path("reports/validation.json")


def main() -> None:
    """data/rows.parquet → reports/validation.json."""
    report = validate(load(Data), ROWS, REPORT)
    print(f"{report['data']}: {report['rows']:,} rows pass every rule")
