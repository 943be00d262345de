"""The history: the same is told once, the like after the cooldown, and the worse at once."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.alerts.history import (
    KEPT_KEYS,
    RANK,
    History,
    Told,
    after,
    of,
    read_history,
    withheld,
    write_history,
)
from mooring.diagnosis.report import Diagnosis
from mooring.errors import IntegrityError
from tests.support.drift_reports import MODEL, OTHER, report

NOW = datetime(2013, 7, 8, 6, 0, tzinfo=UTC)
KEYS = [f"{n:064x}" for n in range(200)]


def told(diagnosis: Diagnosis = "retrain", hours_ago: float = 1) -> Told:
    return Told(at=NOW - timedelta(hours=hours_ago), diagnosis=diagnosis, keys=(KEYS[0],))


def test_a_first_message_is_sent() -> None:
    assert withheld(None, "watch", KEYS[0], NOW, 72) == ""


def test_the_same_message_is_never_sent_twice() -> None:
    why = "already sent for this diagnosis, window and evidence"
    assert withheld(told(hours_ago=10_000), "retrain", KEYS[0], NOW, 72) == why


def test_a_similar_message_waits_for_the_cooldown() -> None:
    why = "retrain was sent at 2013-07-08 05:00 UTC, and the cooldown is 72 h"
    assert withheld(told(), "retrain", KEYS[1], NOW, 72) == why
    assert withheld(told(), "watch", KEYS[1], NOW, 72) == why
    assert withheld(told(hours_ago=71.9), "retrain", KEYS[1], NOW, 72) != ""
    assert withheld(told(hours_ago=72), "retrain", KEYS[1], NOW, 72) == ""
    assert withheld(told(hours_ago=0), "retrain", KEYS[1], NOW, 0) == ""


def test_a_worse_diagnosis_breaks_the_cooldown() -> None:
    assert withheld(told("watch"), "retrain", KEYS[1], NOW, 72) == ""
    assert withheld(told("retrain"), "fix_data", KEYS[1], NOW, 72) == ""


def test_a_time_in_the_future_does_not_suppress_messages() -> None:
    assert withheld(told(hours_ago=-1), "watch", KEYS[1], NOW, 72) == ""


def test_every_diagnosis_has_a_rank_of_its_own() -> None:
    assert set(RANK) == set(get_args(Diagnosis))
    assert len(set(RANK.values())) == len(RANK)


@given(st.lists(st.tuples(st.sampled_from(get_args(Diagnosis)), st.integers(0, 5)), max_size=30))
def test_within_a_cooldown_each_message_is_worse_than_the_one_before(
    looks: list[tuple[Diagnosis, int]],
) -> None:
    past, sent = None, []
    for n, (diagnosis, key) in enumerate(looks):
        now = NOW + timedelta(hours=n)
        if not withheld(past, diagnosis, KEYS[key], now, 72):
            past = after(past, diagnosis, KEYS[key], now)
            sent.append((diagnosis, key))
    assert [RANK[v] for v, _ in sent] == sorted({RANK[v] for v, _ in sent})
    assert len({key for _, key in sent}) == len(sent)


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, name = tmp_path / "new" / "notified.json", of(report())
    assert read_history(path) == History(schema=2, models={})
    write_history(path, read_history(path), name, told())
    write_history(path, read_history(path), of(report(model=OTHER)), told("watch"))
    assert read_history(path).models == {
        f"flights/{MODEL}": told(),
        f"flights/{OTHER}": told("watch"),
    }


def test_a_history_keeps_its_last_keys() -> None:
    past = None
    for key in KEYS:
        past = after(past, "watch", key, NOW)
    assert past is not None
    assert past.keys == tuple(KEYS[-KEPT_KEYS:])


def test_a_time_is_shown_in_utc() -> None:
    past = Told(at=NOW.astimezone(timezone(timedelta(hours=9))), diagnosis="retrain", keys=())
    assert "retrain was sent at 2013-07-08 06:00 UTC" in withheld(past, "watch", KEYS[0], NOW, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"schema": 1, "models": {}}',
        b'{"schema": 2, "models": {"a": {"at": "2013-07-08T06:00:00", "diagnosis": "watch", "keys": []}}}',
    ],
)
def test_a_damaged_history_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notified.json"
    path.write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        read_history(path)
    assert (caught.value.what, caught.value.where) == ("is not a valid message history", str(path))
    assert caught.value.fix == "delete the file; this repeats at most one message for each model"
