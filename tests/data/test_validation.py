"""Every broken rule is found, counted and shown, and the report is there even on failure."""

import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mooring.errors import IntegrityError, ValidationError


@pytest.fixture
def violations(project):
    """Return the violations of rows with these columns, from the report, as the error leaves it."""

    def run(data=None, **columns):
        project.write(**columns)
        with pytest.raises(ValidationError):
            project.validate(data)
        report = json.loads(project.report.read_text())
        assert report["passed"] is False
        return [
            (
                one["column"],
                one["rule"],
                one["limit"],
                one["count"],
                [row["row"] for row in one["first"]],
            )
            for one in report["violations"]
        ]

    return run


def test_good_rows_pass_and_leave_a_report(project):
    project.write(miles=[0.0, 100.0, None, None])
    assert (
        project.validate()
        == json.loads(project.report.read_text())
        == {
            "data": "trips",
            "rows": 4,
            "passed": True,
            "null_frac": {"id": 0.0, "asked": 0.0, "late": 0.0, "miles": 0.5, "city": 0.0},
            "violations": [],
        }
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"miles": [-1.0, 1.0, 101.0, 102.0]},
            [("miles", "max", 100.0, 2, [2, 3]), ("miles", "min", 0.0, 1, [0])],
        ),
        (
            {"miles": [1.0, math.nan, -math.inf, None]},
            [("miles", "finite", None, 2, [1, 2]), ("miles", "min", 0.0, 1, [2])],
        ),
        ({"miles": [None, None, 1.0, None]}, [("miles", "max_null_frac", 0.5, 3, [0, 1, 3])]),
        (
            {"city": ["Rye", "Rome", "Albany", "Troy"]},
            [("city", "categories", None, 2, [1, 2]), ("city", "max_length", 4, 1, [2])],
        ),
        ({"id": ["a", "b", "c", "a"]}, [("id", "unique", None, 1, [3])]),
        ({"id": ["a", None, None, "d"]}, [("id", "max_null_frac", None, 2, [1, 2])]),
        ({"asked": [0, 2, 1, 3]}, [("asked", "monotone", None, 1, [2])]),
        ({"asked": [0, 3, 2, 1]}, [("asked", "monotone", None, 2, [2, 3])]),
        ({"asked": [0, None, 2, 3]}, [("asked", "max_null_frac", None, 1, [1])]),
        ({"late": [0.0, 1.0, 2.0, None]}, [("late", "zero_or_one", None, 1, [2])]),
        (
            {"late": [0.0, 1.0, math.nan, 0.5]},
            [("late", "finite", None, 1, [2]), ("late", "zero_or_one", None, 1, [3])],
        ),
    ],
)
def test_a_broken_rule_is_found_across_batches(violations, columns, expected):
    assert violations(**columns) == expected


def test_a_number_to_predict_may_be_any_finite_number(violations, project):
    data = project.data(task="regression")
    project.write(late=[-5.0, 300.5, None, 0.0])
    assert project.validate(data)["passed"]
    assert violations(data, late=[math.inf, 1.0, 2.0, math.nan]) == [
        ("late", "finite", None, 2, [0, 3])
    ]


def test_the_whole_message_names_rule_count_rows_report_and_fix(project):
    project.write(miles=[101.0, 1.0, 2.0, 500.0], city=[None, None, None, "Troy"])
    with pytest.raises(ValidationError) as caught:
        project.validate()
    assert str(caught.value) == (
        "trips: broken rules of conf/data: 2 (4 rows checked)\n"
        "  got: (all in reports/validation.json)\n"
        "    city: max_null_frac 0.5: 3 rows: "
        "row 0 (a) = None, row 1 (b) = None, row 2 (c) = None\n"
        "    miles: max 100: 2 rows: row 0 (a) = 101.0, row 3 (d) = 500.0\n"
        "  fix: correct the sources or conf/data/trips.sql (or the rule in conf/data, if the rows are "
        "right), then run 'dvc repro'"
    )


def test_only_the_first_five_rows_are_shown(project):
    project.write(
        id=list("abcdefgh"),
        asked=list(range(8)),
        late=[0.0] * 8,
        miles=[-1.0] * 8,
        city=["Rye"] * 8,
    )
    with pytest.raises(ValidationError):
        project.validate(batch_rows=3)
    (found,) = json.loads(project.report.read_text())["violations"]
    assert found["count"] == 8
    assert found["first"] == [
        {"row": row, "key": key, "value": -1.0} for row, key in enumerate("abcde")
    ]


def test_columns_of_another_name_or_type_are_named(project):
    table = pa.table(
        {"id": ["a"], "asked": ["2024"], "late": [1.0], "city": ["Rye"], "dep_delay": [1.0]}
    )
    pq.write_table(table, project.rows)
    with pytest.raises(ValidationError) as caught:
        project.validate()
    assert caught.value.got.splitlines()[1:] == [
        "    asked: type timestamp: 1 rows: string",
        "    dep_delay: declared: 1 rows: a column that conf/data does not declare",
        "    miles: present: 1 rows: no such column",
    ]


def test_a_file_that_is_not_parquet_is_refused(project):
    project.rows.write_text("no")
    with pytest.raises(IntegrityError, match=r"data/rows\.parquet: cannot be read as Parquet"):
        project.validate()
