"""Which prediction and which label of a key count, when either is repeated.

In: predictions and labels as they were written. Out: for each key the first prediction, and the one label
of a key that has one. The order of rows changes nothing.
"""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

ORDER = ["time", "request_id", "row"]


def log_of(predictions: pa.Table) -> pd.DataFrame:
    """Return the lines of a prediction log, with times as naive UTC."""
    log: pd.DataFrame = predictions.to_pandas()
    return log.assign(time=log["time"].dt.tz_convert("UTC").dt.tz_localize(None))


def first_predictions(log: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the first prediction of each group `by`, in order of time."""
    return log.sort_values([*ORDER, "score"]).drop_duplicates(by)


def one_label_per_key(labels: pa.Table) -> tuple[pd.DataFrame, pd.Index]:
    """Return key and label of each key that has one, and the keys that have several.

    Null labels do not count, and equal ones count once.
    """
    distinct = labels.select(["key", "label"]).to_pandas().dropna().drop_duplicates()
    contradictory = distinct.duplicated("key", keep=False)
    return distinct[~contradictory], pd.Index(distinct.loc[contradictory, "key"].unique())
