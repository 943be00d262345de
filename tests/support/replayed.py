"""Rows to replay: a small file in order of time, and what stands in it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mooring.config.data import Data
from mooring.replay.past_rows import DaySpan, Rows
from tests.support.tables import data

DATA: Data = data()
"""Of numbers x, y, z and categories city, word; its days are of UTC."""
START = np.datetime64("2024-01-01", "us")


def window(first: str, last: str, zone: str = "UTC") -> DaySpan:
    """Return a window of days."""
    return DaySpan(*(pd.Timestamp(day).date() for day in (first, last)), zone)


def frame(n: int, every: str = "1h") -> pd.DataFrame:
    """Return rows at even gaps from START on, with a missing value in every seventh."""
    number = np.arange(n)
    x = np.where(number % 7 == 3, np.nan, number / 8)
    city = np.where(number % 7 == 5, None, np.array(["Rye", "Troy"], dtype=object)[number % 2])
    columns: dict[str, Any] = {
        "id": [f"k{i}" for i in number],
        "asked": START + number * np.timedelta64(pd.Timedelta(every)).astype("timedelta64[us]"),
        "answer": np.where(number % 5 == 4, np.nan, number % 2.0),
        **{"x": x, "y": x + 1, "z": x * 2, "city": city, "word": city},
    }
    return pd.DataFrame(columns)


def write(path: Path, rows: pd.DataFrame, **options: Any) -> Path:
    """Write rows as Parquet; return the path."""
    rows.to_parquet(path, index=False, **options)
    return path


def arrays(rows: pd.DataFrame) -> Rows:
    """Return the same as Rows."""
    asked = rows["asked"].to_numpy("datetime64[us]")
    columns = {
        name: rows[name].to_numpy(float) if name in "xyz" else texts(rows[name])
        for name in DATA.columns
    }
    return Rows(asked, asked, texts(rows["id"]), columns)


def texts(column: "pd.Series[Any]") -> Any:
    """Return texts as objects, None for missing."""
    return np.array([None if pd.isna(text) else text for text in column], dtype=object)
