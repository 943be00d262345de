"""Wrong settings and wrong data stop the graph at the stage that sees them, in words, with what was good kept."""

import pyarrow.parquet as pq

from tests.support.graph import locked
from tests.support.project import Project

RAW = "data/raw/diabetes.parquet"
SQL = "conf/data/diabetes.sql"


def failure(project: Project, stage: str) -> str:
    """Reproduce up to `stage`, which must fail with a message, and leave all that was there before."""
    before = locked(project)
    kept = {path: (project.path / path).exists() for path in before}
    done = project.dvc("repro", stage, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    head, _, message = done.stderr.partition(f"stage {stage} failed\n")
    assert message, done.stderr
    assert {path: (project.path / path).exists() for path in before} == kept
    return message.partition("ERROR: failed to reproduce")[0]


def rewrite(project: Project, change) -> None:
    table = pq.ParquetFile(project.path / RAW).read()
    pq.write_table(change(table), project.path / RAW)


def test_an_unknown_key_is_named(project):
    project.edit("conf/gate/regression.yaml", "margin: 1.0", "margin: 1.0\nmargine: 2.0")
    assert failure(project, "compose") == (
        "conf/: gate.margine = 2.0\n"
        "  expected: no such key\n"
        "  to mend: edit conf/gate/, then run 'mooring compose'\n"
    )


def test_an_empty_source_is_refused(project):
    rewrite(project, lambda table: table.slice(0, 0))
    assert failure(project, "ingest") == ""


def test_a_source_that_is_no_parquet_is_refused(project):
    (project.path / RAW).write_bytes(b"not parquet")
    assert failure(project, "ingest") == ""


def test_a_missing_source_is_refused(project):
    (project.path / RAW).unlink()
    assert failure(project, "ingest") == ""


def test_a_query_that_returns_no_rows_is_refused(project):
    project.edit(SQL, "from diabetes", "from diabetes\nwhere age > 1000")
    assert failure(project, "ingest") == ""


def test_a_query_that_fails_is_refused(project):
    project.edit(SQL, "  bmi,\n", "  bmy,\n")
    assert failure(project, "ingest") == ""


def test_a_missing_target_is_refused(project):
    project.edit(SQL, "  progression,\n", "")
    assert failure(project, "ingest") == ""


def test_a_target_without_any_label_is_refused(project):
    project.edit(SQL, "  progression,\n", "  cast(null as double) as progression,\n")
    assert failure(project, "split") == ""


def test_a_target_of_one_value_is_refused_before_training(project):
    project.edit(SQL, "  progression,\n", "  1.0 as progression,\n")
    assert failure(project, "train") == ""


def test_an_infinite_input_is_refused(project):
    project.edit(SQL, "  bmi,\n", "  case when id = 7 then 'inf'::double else bmi end as bmi,\n")
    assert failure(project, "validate") == ""


def test_a_category_out_of_the_allowed_is_refused(project):
    project.edit(SQL, "cast(cast(sex as integer) as varchar)", "'x' || cast(id as varchar)")
    assert failure(project, "validate") == ""
