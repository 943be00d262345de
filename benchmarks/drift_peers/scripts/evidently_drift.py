"""Evidently's preset with its defaults: the columns that it says drifted, window by window."""

import json
import sys
import warnings

import pandas as pd
from evidently import DataDefinition, Dataset, Report  # type: ignore[import-not-found]
from evidently.presets import DataDriftPreset  # type: ignore[import-not-found]

warnings.simplefilter("ignore")


def windows(case: dict[str, str]) -> list[list[str]]:
    """Return the columns with an alarm in each window."""
    reference, current = (pd.read_parquet(case[side]) for side in ("reference", "current"))
    texts = list(reference.select_dtypes("category").columns)
    columns = [name for name in reference.columns if name not in (*texts, "day")]
    definition = DataDefinition(numerical_columns=columns, categorical_columns=texts)

    def dataset(frame: pd.DataFrame) -> Dataset:
        frame = frame[[*columns, *texts]].astype(dict.fromkeys(texts, object))
        return Dataset.from_pandas(frame, data_definition=definition)

    known, found = dataset(reference), []
    for _, frame in current.groupby(current["day"] // int(case["window_days"])):
        done = Report([DataDriftPreset()]).run(dataset(frame), known).dict()
        drifted = [
            each["config"]["column"]
            for each in done["metrics"]
            if "column" in each["config"] and _drifted(each)
        ]
        found.append(drifted)
    return found


def _drifted(metric: dict) -> bool:  # type: ignore[type-arg]
    """Return whether a distance reaches its threshold, or a p-value falls below it."""
    value, threshold = float(metric["value"]), float(metric["config"]["threshold"])
    is_p_value = "p_value" in metric["config"]["method"]
    return value < threshold if is_p_value else value >= threshold


print(json.dumps([windows(case) for case in json.load(sys.stdin)]))
