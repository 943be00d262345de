"""whylogs' own drift scores with their defaults: the columns that they call drift, window by window."""

import json
import sys
import warnings

import pandas as pd
import whylogs as why
from whylogs.viz.drift.column_drift_algorithms import (
    calculate_drift_scores,
)

warnings.simplefilter("ignore")


def windows(case: dict[str, str]) -> list[list[str]]:
    """Return the columns in the category DRIFT in each window."""
    reference, current = (pd.read_parquet(case[side]) for side in ("reference", "current"))
    texts = list(reference.select_dtypes("category").columns)

    def profile(frame: pd.DataFrame):  # type: ignore[no-untyped-def]
        plain = frame.drop(columns="day").astype(dict.fromkeys(texts, object))
        return why.log(plain).profile().view()

    known, found = profile(reference), []
    for _, frame in current.groupby(current["day"] // int(case["window_days"])):
        scores = calculate_drift_scores(
            target_view=profile(frame), reference_view=known, with_thresholds=True
        )
        found.append(
            [
                name
                for name, score in scores.items()
                if score and score.get("drift_category") == "DRIFT"
            ]
        )
    return found


print(json.dumps([windows(case) for case in json.load(sys.stdin)]))
