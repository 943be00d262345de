"""Tables: they add up, in any order, to the table of all rows; their bytes are the same for the same rows."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import DataError, IntegrityError, ModelError
from mooring.outcomes.tables import Tables, tabulate
from tests.support.outcomes import edges_for, regression_rows, rows

EDGES = (0.1, 0.3, 0.5, 0.9)
ROW = st.tuples(
    st.sampled_from(["2024-01-01", "2024-01-02", "2024-01-03"]),
    st.floats(0, 1),
    st.sampled_from([0.0, 1.0, np.nan]),
)


def table_of(some: list, task: str = "classification") -> Tables:
    days, scores, labels = ([each[at] for each in some] for at in range(3))
    return tabulate(
        task,
        EDGES if task == "classification" else (),
        np.array(days, dtype=str),
        np.array(scores, float),
        np.array(labels, float),
    )  # type: ignore[arg-type]


@given(st.lists(ROW, max_size=30), st.lists(ROW, max_size=30), st.lists(ROW, max_size=30))
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_tables_add_up_to_the_table_of_all_rows(task, one, two, three) -> None:
    a, b, c = (table_of(each, task) for each in (one, two, three))
    assert a + b == b + a == table_of(one + two, task)
    assert (a + b) + c == a + (b + c)
    assert ((a + b) + c).encode() == table_of(three + one + two, task).encode()


@given(st.lists(ROW, max_size=30), st.randoms())
def test_the_order_of_rows_changes_no_byte(some, random) -> None:
    first = table_of(some).encode()
    random.shuffle(some)
    assert table_of(some).encode() == first


@given(st.lists(ROW, max_size=20), st.sampled_from(["classification", "regression"]))
def test_what_is_encoded_is_decoded(some, task) -> None:
    tables = table_of(some, task)
    assert Tables.decode(tables.encode(), "here") == tables


def test_a_row_is_in_the_bin_that_its_score_ends() -> None:
    day = "2024-01-01"
    table = table_of([(day, 0.1, 1.0), (day, 0.2, 0.0), (day, 1.0, 0.0), (day, 0.4, np.nan)])
    found = table.days[day]
    assert (found.predictions, found.rows) == (4, 3)
    assert found.bins["positives"] == (1, 0, 0, 0, 0)
    assert found.bins["negatives"] == (0, 1, 0, 0, 1)
    assert found.bins["negative_positions"] == (0, 2**15, 0, 0, 2**16)
    assert float(found.sums["score"]) == pytest.approx(1.3)


def test_days_between_are_those_from_first_to_last() -> None:
    tables = rows(5).tables(EDGES)
    assert list(tables.between("2024-01-02", "2024-01-03").days) == ["2024-01-02", "2024-01-03"]


def test_tables_of_other_bins_do_not_add_up() -> None:
    with pytest.raises(DataError) as caught:
        rows(2).tables(EDGES) + rows(2).tables(EDGES[1:])
    assert str(caught.value) == (
        "cannot add outcomes that are counted in different bins\n"
        "  expected: classification, 4 edges\n"
        "  got: classification, 3 edges, or others\n"
        "  fix: make both tables with the edges of one reference"
    )


@pytest.mark.parametrize(
    ("score", "label"), [(np.nan, 1.0), (np.inf, 0.0), (0.5, 2.0), (0.5, np.inf)]
)
def test_what_is_no_outcome_is_refused(score: float, label: float) -> None:
    with pytest.raises(ModelError):
        table_of([("2024-01-01", score, label)])


def changed(**edits: object) -> bytes:
    plain = json.loads(rows(1, 20).tables(EDGES).encode())
    day = plain["days"]["2024-01-01"]
    for name, value in edits.items():
        if name in plain:
            plain[name] = value
        elif name in day:
            day[name] = value
        else:
            kind = "bins" if name in day["bins"] else "sums"
            day[kind][name] = value
    return json.dumps(plain).encode()


def test_the_unchanged_table_is_taken() -> None:
    assert Tables.decode(changed(), "here") == rows(1, 20).tables(EDGES)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff", "JSON"),
        (b"{}", "a value for this key"),
        (changed(edges=[0.3, 0.1, 0.5, 0.9]), "edges that ascend"),
        (changed(edges=[0.1, 0.3, 0.5]), "4 bins of each kind on 2024-01-01"),
        (changed(task="regression"), "no edges for a regression"),
        (changed(rows=21), "as many rows in the bins as on 2024-01-01"),
        (changed(predictions=19), "a prediction for each label on 2024-01-01"),
        (changed(positives=[-1, 0, 0, 0, 0]), "greater than or equal to 0"),
        (changed(brier="1e999999999"), "a fraction of whole numbers, such as 3/4"),
        (changed(brier="1/0"), "a fraction of whole numbers, such as 3/4"),
        (changed(brier=0.5), "a fraction of whole numbers, such as 3/4"),
        (changed(other="1/2"), "sums of score, brier, log_loss on 2024-01-01"),
    ],
)
def test_what_is_no_table_of_outcomes_is_refused(content: bytes, expected: str) -> None:
    with pytest.raises(IntegrityError, match="here: is not a table of outcomes") as caught:
        Tables.decode(content, "here")
    assert expected in caught.value.expected


@pytest.mark.parametrize("n_bins", [20, 50, 300])
def test_edges_ascend_and_are_no_more_than_asked_for(n_bins: int) -> None:
    edges = edges_for(rows(3), n_bins=n_bins)
    assert n_bins - 4 <= len(edges) < n_bins
    assert list(edges) == sorted(set(edges))


def test_a_regression_has_no_edges() -> None:
    assert edges_for(regression_rows(3), "regression") == ()


def test_edges_need_a_row() -> None:
    with pytest.raises(ModelError) as caught:
        edges_for(rows(0))
    assert str(caught.value) == (
        "cannot make bins for the outcomes of the reference\n"
        "  expected: one or more rows, all finite\n"
        "  got: 0 rows, 0 of them not finite"
    )
