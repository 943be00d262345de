"""Prediction logs and labels of two models in service, as a server and time would leave them."""

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

CHAMPION, CHALLENGER = "a" * 64, "b" * 64
SCHEMA = pa.schema(
    [
        ("request_id", pa.string()),
        ("row", pa.int32()),
        ("key", pa.string()),
        ("model", pa.string()),
        ("returned", pa.bool_()),
        ("score", pa.float64()),
        ("time", pa.timestamp("us", tz="UTC")),
    ]
)
KEYS = ["k1", "k2", "k3"]
START = np.datetime64("2024-01-01T12:00", "us")


def predictions(*rows: tuple[Any, ...]) -> pa.Table:
    """Return a log of (request_id, row, key, model, returned, score, hours after START)."""
    columns = list(zip(*rows, strict=True)) or [()] * 7
    hours = np.array(columns[6], dtype="timedelta64[h]")
    return pa.table([*columns[:6], pa.array(START + hours).cast(SCHEMA[6].type)], schema=SCHEMA)


def labels(**known: float | None) -> pa.Table:
    """Return labels by key."""
    return label_table(list(known.items()))


def label_table(known: list[tuple[str, float | None]]) -> pa.Table:
    """Return labels, which may contradict each other."""
    keys, values = zip(*known, strict=True) if known else ((), ())
    return pa.table({"key": pa.array(keys, pa.string()), "label": pa.array(values, pa.float64())})


def logged(scores: list[float], n_hours: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return a strategy of lines for `predictions`, few enough that requests and keys come again."""
    return st.tuples(
        st.sampled_from(["r1", "r2"]),
        st.integers(0, 1),
        st.sampled_from([*KEYS, None]),
        st.sampled_from([CHAMPION, CHALLENGER]),
        st.booleans(),
        st.sampled_from(scores),
        st.integers(0, n_hours),
    )


def known_labels(values: list[float | None]) -> st.SearchStrategy[tuple[str, float | None]]:
    """Return a strategy of lines for `label_table`, with the keys of `logged`."""
    return st.tuples(st.sampled_from(KEYS), st.sampled_from(values))


def served(
    shadow: bool, n_days: int, gain: float = 0.0, share: float = 0.5, per_day: int = 40
) -> tuple[pa.Table, pa.Table]:
    """Return the log and labels of `n_days`; the challenger's scores are nearer the truth by `gain`."""
    random = np.random.default_rng(5)
    log, known = [], []
    for number in range(n_days * per_day):
        key, hour = f"k{number}", 24 * (number // per_day)
        label = float(random.random() < 0.3)
        score = float(np.clip(0.3 + 0.2 * (label - 0.3) + 0.2 * random.normal(), 0, 1))
        better = score + gain * (label - score)
        mine = shadow or random.random() >= share
        if mine:
            log.append((f"r{number}", 0, key, CHAMPION, True, score, hour))
        if shadow or not mine:
            log.append((f"r{number}", 0, key, CHALLENGER, not shadow, better, hour))
        known.append((key, label))
    return predictions(*log), label_table(known)
