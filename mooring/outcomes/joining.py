"""Bring the predictions of one model and the labels that came late together.

In: the prediction log, the labels, and the moment that both are looked at. Out: `Joined`: one row for
each prediction that is old enough to have a label, in an order of its own, and counts of the others.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mooring.config.metric import Task
from mooring.days import local_days
from mooring.metrics.weighted import Floats
from mooring.outcomes.truth import one_label_per_key

ORDER = ["time", "request_id", "row", "score"]
LARGEST = 1e150
"""Beyond it a label or a score of a regression has no square, and is none."""


@dataclass(frozen=True)
class LeftOut:
    """How many predictions have no outcome, and why."""

    other_models: int
    """Predictions of other models."""
    unusable_scores: int
    """Scores that are not finite or, for classification, not from 0 to 1."""
    repeats: int
    """Predictions after the model's first for a key."""
    too_young: int
    """Predictions of a day whose last labels may still be on their way."""
    without_key: int
    """Predictions that no label can be joined to; they lower the coverage."""
    contradictory: int
    """Predictions whose key has different labels; they lower the coverage."""
    unusable_labels: int
    """Predictions whose label is not of the task; they lower the coverage."""
    without_label: int
    """Predictions whose label is not there; they lower the coverage."""


@dataclass(frozen=True)
class Joined:
    """The predictions that are old enough; arrays are (n_rows,)."""

    days: NDArray[np.str_]
    """The local day of each prediction, YYYY-MM-DD."""
    scores: Floats
    labels: Floats
    """NaN where there is none that counts."""
    left_out: LeftOut


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
    `zone`, and one counts once `label_delay_days` have gone by since its end at `as_of`, naive UTC.
    """
    ours = predictions.filter(pc.equal(predictions["model"], model)).to_pandas()
    usable = ours[_is_score(ours["score"].to_numpy(np.float64), task)]
    keyed = usable[usable["key"].notna()].sort_values(ORDER).drop_duplicates("key")
    asked = pd.concat([keyed, usable[usable["key"].isna()]]).reset_index(drop=True)
    times = asked["time"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    days = local_days(times, zone)
    is_old = days < first_young_day(zone, as_of, label_delay_days)
    known, unlabelled = _known(asked[is_old], labels, task)
    return Joined(
        days=np.datetime_as_string(days[is_old]),
        scores=asked["score"].to_numpy(np.float64)[is_old],
        labels=known,
        left_out=LeftOut(
            other_models=len(predictions) - len(ours),
            unusable_scores=len(ours) - len(usable),
            repeats=len(usable) - len(asked),
            too_young=int((~is_old).sum()),
            **unlabelled,
        ),
    )


def _known(asked: pd.DataFrame, labels: pa.Table, task: Task) -> tuple[Floats, dict[str, int]]:
    """Return the label of each prediction, NaN where none counts, and why that is how often."""
    truth, contradictory = one_label_per_key(labels)
    found = asked["key"].map(truth.set_index("key")["label"]).to_numpy(np.float64)
    keyless = asked["key"].isna().to_numpy()
    disputed = asked["key"].isin(contradictory).to_numpy()
    missing = np.isnan(found)
    unusable = ~missing & ~_is_label(found, task)
    return np.where(unusable, np.nan, found), {
        "without_key": int(keyless.sum()),
        "contradictory": int(disputed.sum()),
        "unusable_labels": int(unusable.sum()),
        "without_label": int((missing & ~keyless & ~disputed).sum()),
    }


def first_young_day(zone: str, as_of: np.datetime64, label_delay_days: float) -> np.datetime64:
    """Return the first local day some of whose labels may still be on their way at `as_of`, UTC."""
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
