"""Windows hold the rows that conf/window says, and what cannot be a fair test is refused."""

import datetime
import json
import os
from pathlib import Path

import pytest

from mooring.errors import ConfigError, EnvironmentFault, SplitError
from mooring.files import md5_file

DAYS = {
    "kind": "time",
    "train_start": "2024-03-08",
    "train_end": "2024-03-11",
    "embargo_days": 1,
    "test_days": 2,
}


def micros(*moment: int) -> int:
    return int(datetime.datetime(*moment, tzinfo=datetime.UTC).timestamp()) * 10**6


# 2024-03-10 is the day on which New York's clocks go forward: it has 23 hours.
MOMENTS = [
    micros(2024, 3, 8, 4, 59),  # 7 March, 23:59 there: outside
    micros(2024, 3, 8, 5),
    micros(2024, 3, 11, 3, 59),  # 10 March, 23:59 there
    micros(2024, 3, 11, 4),  # 11 March: embargo
    micros(2024, 3, 12, 3, 59),  # the same
    micros(2024, 3, 12, 4),
    micros(2024, 3, 13, 12),
    micros(2024, 3, 14, 3, 59),
    micros(2024, 3, 14, 4),  # outside
]


def write_days(project, late=(0, 0, 1, 1, 1, 0, None, 1, 1)):
    n_rows = len(MOMENTS)
    project.write(
        id=[f"k{i}" for i in range(n_rows)],
        asked=MOMENTS,
        late=[None if x is None else float(x) for x in late],
        miles=[1.0] * n_rows,
        city=["Rye", "Troy", None] * 3,
    )


def write_many(project, n_rows=1000):
    project.write(
        id=[f"k{i}" for i in range(n_rows)],
        asked=list(range(n_rows)),
        late=[float(i % 3 == 0) for i in range(n_rows)],
        miles=[float(i % 40) for i in range(n_rows)],
        city=[f"c{i % 40}" if i % 40 else None for i in range(n_rows)],
    )


def test_windows_are_local_days_across_a_clock_change(project, table):
    write_days(project)
    facts = project.split(DAYS)
    assert table(project.files.train)["id"] == ["k1", "k2"]
    assert table(project.files.test)["id"] == ["k5", "k7"]
    assert facts == json.loads(project.files.facts.read_text())
    assert table(project.files.unlabelled)["id"] == []
    assert facts["bounds"]["train"] == {
        "utc": {"start": "2024-03-08T05:00:00Z", "end": "2024-03-11T04:00:00Z"},
        "local": {"start": "2024-03-08T00:00:00-05:00", "end": "2024-03-11T00:00:00-04:00"},
    }
    assert facts["train"] == {"rows": 2, "unlabelled": 0, "positives": 1, "target_values": 2}
    assert facts["test"] == {"rows": 2, "unlabelled": 1, "positives": 1, "target_values": 2}
    assert facts["dropped"] == {"embargo": 2, "outside": 2}


def test_both_windows_have_the_columns_of_the_rows_in_order_of_time_and_key(project, table):
    write_days(project)
    moments = [MOMENTS[2], MOMENTS[1], MOMENTS[1], *MOMENTS[3:]]
    project.write(
        id=list("zyxwvutsr"),
        asked=moments,
        late=[0.0, 1.0] * 4 + [1.0],
        miles=[1.0] * 9,
        city=["Rye"] * 9,
    )
    project.split(DAYS)
    for file in (project.files.train, project.files.test, project.files.unlabelled):
        assert list(table(file)) == list(table(project.rows))
    assert table(project.files.train)["id"] == ["x", "y", "z"]


def test_unlabelled_rows_of_the_train_window_are_kept_separately(project, table):
    moments = [MOMENTS[2], MOMENTS[1], *MOMENTS[1:3], *MOMENTS[4:]]
    project.write(
        id=list("zyxwvutsr"),
        asked=moments,
        late=[None, None, 1.0, 0.0, None, 0.0, None, 1.0, None],
        miles=[1.0] * 9,
        city=["Rye"] * 9,
    )
    facts = project.split(DAYS)
    assert facts["train"]["unlabelled"] == 2
    assert table(project.files.train)["id"] == ["x", "w"]
    unlabelled = table(project.files.unlabelled)
    assert (unlabelled["id"], unlabelled["late"]) == (["y", "z"], [None, None])


def test_a_random_split_keeps_unlabelled_rows_of_the_train_side_only(project, table):
    write_many(project)
    labels = [None if i % 10 == 0 else float(i % 3 == 0) for i in range(1000)]
    project.write(**{**table(project.rows), "late": labels})
    facts = project.split({"kind": "random", "test_frac": 0.25})
    kept = table(project.files.unlabelled)["id"]
    assert len(kept) == facts["train"]["unlabelled"]
    assert facts["train"]["unlabelled"] + facts["test"]["unlabelled"] == 100
    assert 60 < len(kept) < 90
    assert not set(kept) & set(table(project.files.train)["id"])


def test_repeated_splits_give_the_same_bytes(project):
    write_many(project, 5000)
    window = {"kind": "random", "test_frac": 0.25}
    digests = set()
    for _ in range(3):
        project.split(window)
        digests.add((md5_file(project.files.train), md5_file(project.files.test)))
    assert len(digests) == 1


def test_a_row_keeps_its_side_when_other_rows_are_added(project, table):
    window = {"kind": "random", "test_frac": 0.25}
    write_many(project, 1000)
    project.split(window)
    before = set(table(project.files.test)["id"])
    assert 200 < len(before) < 300
    write_many(project, 2000)
    project.split(window)
    after = set(table(project.files.test)["id"])
    assert before == {key for key in after if int(key[1:]) < 1000}


def test_another_seed_draws_other_rows(project, table):
    write_many(project)
    drawn = []
    for seed in (1, 2):
        project.runtime = project.runtime.model_copy(update={"seed": seed})
        project.split({"kind": "random", "test_frac": 0.5})
        drawn.append(set(table(project.files.test)["id"]))
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize("column", ["city", "miles"])
def test_no_group_is_on_both_sides(project, table, column):
    write_many(project)
    project.split({"kind": "grouped", "test_frac": 0.3, "column": column})
    train, test = (set(table(file)[column]) for file in (project.files.train, project.files.test))
    assert train and test and not train & test
    assert len(train | test) == 40


@pytest.mark.parametrize(
    ("change", "what", "expected"),
    [
        (
            {"train_start": "2024-03-06"},
            "the window lies outside the data",
            "days from 2024-03-07 to 2024-03-14 (America/New_York)",
        ),
        (
            {"test_days": 5},
            "the window lies outside the data",
            "days from 2024-03-07 to 2024-03-14 (America/New_York)",
        ),
        (
            {"train_start": "2024-03-09", "train_end": "2024-03-10"},
            "the train window has no labelled rows",
            "at least one",
        ),
        (
            {"train_end": "2024-03-09"},
            "every row of the train window has late = 0",
            "both classes, 0 and 1",
        ),
        ({"test_days": 1}, "every row of the test window has late = 0", "both classes, 0 and 1"),
    ],
)
def test_an_unusable_window_is_refused_and_the_old_files_stay(project, change, what, expected):
    write_days(project)
    project.split(DAYS)
    before = [md5_file(file) for file in vars(project.files).values()]
    with pytest.raises(SplitError) as caught:
        project.split(DAYS | change)
    assert (caught.value.what, caught.value.expected) == (what, expected)
    assert [md5_file(file) for file in vars(project.files).values()] == before


def test_a_test_window_without_labels_is_refused(project):
    write_days(project, late=(0, 0, 1, 1, 1, None, None, None, 1))
    with pytest.raises(SplitError) as caught:
        project.split(DAYS)
    assert str(caught.value) == (
        "params.yaml: window: the test window has no labelled rows\n"
        "  expected: at least one\n"
        "  got: 3 unlabelled rows\n"
        "  fix: edit conf/window, then run 'dvc repro'"
    )


def test_a_constant_regression_target_is_refused(project):
    write_days(project, late=[1] * 9)
    with pytest.raises(SplitError) as caught:
        project.split(DAYS, project.data(task="regression"))
    assert caught.value.what == "every row of the train window has the same late"
    assert caught.value.got == "2 rows with one value"


def test_windows_that_overlap_cannot_be_declared(project):
    with pytest.raises(ConfigError, match=r"window\.time\.embargo_days = -1"):
        project.split(DAYS | {"embargo_days": -1})


def test_a_time_window_needs_a_time(project):
    write_days(project)
    with pytest.raises(
        SplitError, match=r"kind: time requires data\.time, which conf/data does not declare"
    ):
        project.split(DAYS, project.data(time=None))


def test_an_unknown_group_is_named_with_the_choices(project):
    write_days(project)
    with pytest.raises(SplitError) as caught:
        project.split({"kind": "grouped", "test_frac": 0.5, "column": "town"})
    assert caught.value.expected == "id, miles, city"


def test_a_full_disk_is_reported_and_the_old_windows_stay(project):
    write_days(project)
    project.split(DAYS)
    before = [md5_file(file) for file in vars(project.files).values()]
    Path(f"data/.test.parquet.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(EnvironmentFault, match="the disk is full"):
        project.split(DAYS)
    assert [md5_file(file) for file in vars(project.files).values()] == before
