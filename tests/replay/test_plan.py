"""A plan: what is sent follows from it alone, and the digest tells one plan from another."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import DataError
from mooring.replay.faults import parse
from mooring.replay.plan import Plan, Survey
from mooring.replay.requests import Request
from tests.support.replayed import DATA, frame, window, write


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = write(tmp_path_factory.mktemp("plan") / "rows", frame(3000, "5min"))
    days = window("2024-01-02", "2024-01-09")
    return Plan(path, DATA, days, 1, (), "http://127.0.0.1:3000")


def sent(plan: Plan, answered: list[int] | None = None) -> list[Request]:
    done = np.zeros(plan.n_requests(plan.survey()), dtype=bool)
    done[answered or []] = True
    return [request for chunk in plan.requests(done) for request in chunk]


def test_every_row_is_sent_once_under_consecutive_numbers(plan: Plan) -> None:
    for batch in (1, 7, 2304, 5000):
        found = sent(replace(plan, batch=batch))
        rows = [row for request in found for row in json.loads(request.body)["rows"]]
        assert [row["id"] for row in rows] == [f"k{i}" for i in range(288, 2592)]
        assert [request.number for request in found] == list(range(len(found)))
        assert [request.n_rows for request in found[:-1]] == [batch] * (len(found) - 1)
        assert sum(request.n_rows for request in found) == len(rows)


def test_a_row_is_sent_as_conf_data_declares_it(plan: Plan) -> None:
    found = sent(plan)
    assert json.loads(found[3].body) == {
        "rows": [
            {
                "id": "k291", "asked": "2024-01-02T00:15:00.000000Z",
                "x": 36.375, "y": 37.375, "z": 72.75, "city": "Troy", "word": "Troy",
            }
        ]
    }  # fmt: skip


def test_missing_values_are_null(plan: Plan) -> None:
    rows = [json.loads(request.body)["rows"][0] for request in sent(plan)]
    assert {row["id"] for row in rows if row["x"] is None} == {
        f"k{i}" for i in range(288, 2592) if i % 7 == 3
    }
    assert {row["id"] for row in rows if row["city"] is None} == {
        f"k{i}" for i in range(288, 2592) if i % 7 == 5
    }


@given(batch=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_resumed_requests_are_the_same_as_uninterrupted_ones(
    plan: Plan, batch: int, seed: int
) -> None:
    whole = sent(replace(plan, batch=batch))
    answered = np.flatnonzero(np.random.default_rng(seed).random(len(whole)) < 0.6).tolist()
    left = sent(replace(plan, batch=batch), answered)
    assert left == [request for request in whole if request.number not in set(answered)]


def test_a_survey_counts_what_will_be_sent(plan: Plan) -> None:
    texts = ("drop@0.2", "rename:city:Rye=Paris", "repeat@0.1", "missing:x@0.5")
    faulty = replace(plan, faults=tuple(parse(text, DATA) for text in texts))
    survey, found = faulty.survey(), sent(faulty)
    rows = [json.loads(request.body)["rows"][0] for request in found]
    assert survey == Survey(
        n_window=2304,
        n_rows=len(rows),
        touched={
            "drop@0.2": 2304 - sum(not row["id"].endswith("~again") for row in rows),
            "rename:city:Rye=Paris": sum(
                row["city"] == "Paris" and not row["id"].endswith("~again") for row in rows
            ),
            "repeat@0.1": sum(row["id"].endswith("~again") for row in rows),
            "missing:x@0.5": sum("x" not in row for row in rows),
        },
    )


def test_every_setting_that_changes_a_request_changes_the_digest(
    plan: Plan, tmp_path: Path
) -> None:
    other = write(tmp_path / "rows", frame(2999, "5min"))
    plans = [
        plan,
        replace(plan, rows=other),
        replace(plan, window=window("2024-01-02", "2024-01-08")),
        replace(plan, batch=2),
        replace(plan, faults=(parse("drop@0.5", DATA),)),
        replace(plan, url="http://127.0.0.1:3001"),
    ]
    assert len({each.digest for each in plans}) == len(plans)
    assert replace(plan).digest == plan.digest


def test_a_window_without_rows_is_refused(plan: Plan) -> None:
    with pytest.raises(DataError) as caught:
        replace(plan, window=window("2025-01-01", "2025-01-02")).survey()
    assert str(caught.value) == (
        f"{plan.rows}: the window has no rows\n  got: 2025-01-01 to 2025-01-02 (UTC)"
    )


def test_a_fault_that_changes_no_row_is_refused(plan: Plan) -> None:
    with pytest.raises(DataError) as caught:
        replace(plan, faults=(parse("rename:city:Ry=Troy", DATA),)).survey()
    assert str(caught.value) == "--fault rename:city:Ry=Troy: changes no row of the window"


def test_infinity_is_refused_since_json_cannot_encode_it(plan: Plan, tmp_path: Path) -> None:
    path = write(tmp_path / "rows", frame(500).assign(y=np.inf))
    with pytest.raises(DataError) as caught:
        sent(replace(plan, rows=path))
    assert str(caught.value) == "column y contains infinity, which JSON cannot encode"


def test_a_unit_that_leads_to_infinity_is_refused_before_anything_is_sent(plan: Plan) -> None:
    with pytest.raises(DataError) as caught:
        replace(plan, faults=(parse("unit:x:1e308,0", DATA),)).survey()
    assert str(caught.value) == "x overflows a double in this unit"


def test_empty_chunks_are_skipped(plan: Plan) -> None:
    faults = tuple(parse(text, DATA) for text in ("drop@0.999", "repeat", "null:x"))
    few = replace(plan, faults=faults)
    assert 0 < len(sent(few)) == few.survey().n_rows < 50
