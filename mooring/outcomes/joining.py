"""Join the predictions of one model and their late labels.

In: the prediction log, the labels, and the moment of the look. Out: `Joined`: one row for each
prediction that is old enough to have a label, in its own order, and the days of the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from mooring.config.metric import Task
from mooring.config.section import Strict
from mooring.days import local_days
from mooring.metrics.weighted import Floats
from mooring.outcomes.truth import first_predictions, log_of, one_label_per_key

LARGEST = 1e150
"""A larger label or score of a regression is unusable, since its square would overflow."""


class LeftOut(Strict):
    """How many predictions have no outcome, and why."""

    other_models: int
    """Predictions of other models."""
    unusable_scores: int
    """Scores that are not finite or, for classification, not from 0 to 1."""
    repeats: int
    """Predictions after the model's first for a key."""
    too_young: int
    """Predictions of a day whose last labels may still arrive."""
    without_key: int
    """Predictions that no label can be joined to; they lower the coverage."""
    contradictory: int
    """Predictions whose key has different labels; they lower the coverage."""
    unusable_labels: int
    """Predictions whose label is not of the task; they lower the coverage."""
    without_label: int
    """Predictions whose label is missing; they lower the coverage."""


@dataclass(frozen=True)
class Joined:
    """The predictions that are old enough; arrays are (n_rows,)."""

    days: NDArray[np.str_]
    """The local day of each prediction, YYYY-MM-DD."""
    scores: Floats
    labels: Floats
    """NaN where there is no usable label."""
    days_left_out: Mapping[str, NDArray[np.str_]]
    """The local day of each prediction that has no outcome, by the field of LeftOut that counts it."""

    def left_out(self, first: str = "", last: str = "9") -> LeftOut:
        """Return how many predictions of the days from `first` to `last`, both included, have no outcome."""
        counts = {
            why: int(((days >= first) & (days <= last)).sum())
            for why, days in self.days_left_out.items()
        }
        return LeftOut(**counts)


def join(
    predictions: pa.Table,
    labels: pa.Table,
    model: str,
    *,
    task: Task,
    zone: str,
    as_of: np.datetime64,
    label_delay_days: float,
) -> Joined:
    """Join labels by key to the first prediction that the model with digest `model` gave for it.

    `predictions` are lines of the log, `labels` has key and label, in any order. Days are days of
    `zone`; a day counts if `label_delay_days` have passed since its end at `as_of`, naive UTC.
    """
    log = log_of(predictions)
    log["day"] = np.datetime_as_string(local_days(log["time"].to_numpy(), zone), unit="D")
    ours = log[log["model"] == model]
    usable = ours[_is_score(ours["score"].to_numpy(np.float64), task)]
    keyed = first_predictions(usable[usable["key"].notna()], ["key"])
    counted = pd.concat([keyed, usable[usable["key"].isna()]])
    is_young = counted["day"] >= str(first_young_day(zone, as_of, label_delay_days))
    old = counted[~is_young]
    label_values, unlabelled = _labels_of(old, labels, task)
    left_out = {
        "other_models": log.drop(ours.index),
        "unusable_scores": ours.drop(usable.index),
        "repeats": usable.drop(counted.index),
        "too_young": counted[is_young],
        **{why: old[rows] for why, rows in unlabelled.items()},
    }
    return Joined(
        days=_days(old),
        scores=old["score"].to_numpy(np.float64),
        labels=label_values,
        days_left_out={why: _days(rows) for why, rows in left_out.items()},
    )


def _days(rows: pd.DataFrame) -> NDArray[np.str_]:
    return rows["day"].to_numpy(dtype="U10")


def _labels_of(
    predictions: pd.DataFrame, labels: pa.Table, task: Task
) -> tuple[Floats, dict[str, NDArray[np.bool_]]]:
    """Return the label of each prediction, NaN if unusable, and by reason which predictions have none."""
    truth, contradictory = one_label_per_key(labels)
    matched = predictions["key"].map(truth.set_index("key")["label"]).to_numpy(np.float64)
    keyless = predictions["key"].isna().to_numpy()
    disputed = predictions["key"].isin(contradictory).to_numpy()
    missing = np.isnan(matched)
    unusable = ~missing & ~_is_label(matched, task)
    return np.where(unusable, np.nan, matched), {
        "without_key": keyless,
        "contradictory": disputed,
        "unusable_labels": unusable,
        "without_label": missing & ~keyless & ~disputed,
    }


def first_young_day(zone: str, as_of: np.datetime64, label_delay_days: float) -> np.datetime64:
    """Return the first local day some of whose labels may still arrive after `as_of`, UTC."""
    delay = np.timedelta64(round(label_delay_days * 86_400_000_000), "us")
    moment = np.array([as_of.astype("datetime64[us]") - delay])
    return np.datetime64(local_days(moment, zone)[0], "D")


def _is_score(values: Floats, task: Task) -> NDArray[np.bool_]:
    if task == "classification":
        return np.asarray((values >= 0) & (values <= 1))
    return np.asarray(np.abs(values) < LARGEST)


def _is_label(values: Floats, task: Task) -> NDArray[np.bool_]:
    if task == "classification":
        return np.asarray((values == 0) | (values == 1))
    return np.asarray(np.abs(values) < LARGEST)
