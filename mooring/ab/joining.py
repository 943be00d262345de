"""Join predictions and labels, whatever their order, and count what is left out.

In: the prediction log and the labels, as tables. Out: `Joined`: a row for each prediction that counts.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import pyarrow as pa

from mooring.outcomes.truth import ORDER, first_predictions, log_of, one_label_per_key

ASKED = ["request_id", "row"]
Design = Literal["paired", "unpaired"]


@dataclass(frozen=True)
class Dropped:
    """How many predictions, or keys, are left out, and why."""

    other_models: int
    """Predictions of models that are neither champion nor challenger."""
    without_key: int
    """Predictions that no label can be joined to."""
    unpaired: int
    """Predictions of only one model in a log of pairs, or not returned in a log without pairs."""
    repeats: int
    """Predictions after a model's first for a key."""
    crossed_keys: int
    """Keys that both models answered, at different times, in a log without pairs."""
    contradictory_keys: int
    """Keys that have different labels."""


@dataclass(frozen=True)
class Joined:
    """The predictions that count: each model's first for each key."""

    models: tuple[str, str]
    """The digests of champion and challenger."""
    design: Design
    rows: pd.DataFrame
    """challenger: bool, key, time (naive UTC), request_id, row, score, label (NaN while there is none).

    In order of time. For pairs, both rows have the request, row and time of the champion's."""
    dropped: Dropped


def join(predictions: pa.Table, labels: pa.Table, champion: str, challenger: str) -> Joined:
    """Join the labels to the first prediction of each key; the order of rows changes nothing.

    The design is `paired` if any row of a request was scored by both models, and then only such
    rows count: `shadow` serving. Otherwise it is `unpaired`: `split` serving.
    """
    log = log_of(predictions)
    ours = log[log["model"].isin([champion, challenger])]
    keyed = ours[ours["key"].notna()]
    keyed = keyed.assign(challenger=keyed["model"] == challenger)
    pairs = _pairs(keyed)
    design: Design = "paired" if len(pairs) else "unpaired"
    counted = pairs if len(pairs) else keyed[keyed["returned"]]
    first = first_predictions(counted, ["challenger", "key"])
    n_models = first.groupby("key")["challenger"].transform("size")
    kept = first if len(pairs) else first[n_models == 1]
    truth, contradictory = one_label_per_key(labels)
    rows = kept.merge(truth, how="left", on="key").sort_values([*ORDER, "challenger", "key"])
    columns = ["challenger", "key", *ORDER, "score", "label"]
    dropped = Dropped(
        other_models=len(log) - len(ours),
        without_key=len(ours) - len(keyed),
        unpaired=len(keyed) - len(counted),
        repeats=len(counted) - len(first),
        crossed_keys=(len(first) - len(kept)) // 2,
        contradictory_keys=len(contradictory),
    )
    return Joined((champion, challenger), design, rows[columns].reset_index(drop=True), dropped)


def _pairs(keyed: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions whose row of a request both models scored."""
    both = keyed[keyed.groupby(ASKED)["challenger"].transform("nunique") == 2]
    champions = both[~both["challenger"]].sort_values(["time", "key"]).drop_duplicates(ASKED)
    return both.drop(columns=["key", "time"]).merge(champions[[*ASKED, "key", "time"]], on=ASKED)
