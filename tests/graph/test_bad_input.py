"""Wrong settings and wrong data stop the graph at the stage that sees them, in words."""

import re
from importlib import import_module

import pyarrow.parquet as pq
import pytest

from mooring.errors import MooringError
from mooring.graph.cache import object_path
from tests.support.graph import locked, spoilt_objects
from tests.support.project import Project

RAW = "data/raw/diabetes.parquet"
SQL = "conf/data/diabetes.sql"
FIX_ROWS = (
    "  fix: correct the sources or conf/data/diabetes.sql (or the rule in conf/data, if the rows are "
    "right), then run 'dvc repro'"
)
STAGES = ("compose", "ingest", "validate", "split")


@pytest.fixture(autouse=True)
def inside(project, monkeypatch):
    monkeypatch.chdir(project.path)


def failure(stage: str) -> str:
    """Run the stages before `stage`, and then it, which must fail; return its message."""
    for name in STAGES[: STAGES.index(stage)]:
        import_module(f"stages.{name}").main()
    with pytest.raises(MooringError) as caught:
        import_module(f"stages.{stage}").main()
    return str(caught.value)


def rewrite(project: Project, change) -> None:
    table = pq.ParquetFile(project.path / RAW).read()
    pq.write_table(change(table), project.path / RAW)


def test_an_unknown_key(project):
    project.edit("conf/gate/regression.yaml", "margin: 1.0", "margin: 1.0\nmargine: 2.0")
    assert failure("compose") == (
        "conf/: gate.margine = 2.0\n"
        "  expected: no such key\n"
        "  fix: edit conf/gate/, then run 'mooring compose'"
    )


def test_a_wrong_type(project):
    project.edit("conf/runtime/two_cores.yaml", "n_threads: 2", "n_threads: two")
    assert failure("compose") == (
        'conf/: runtime.n_threads = "two"\n'
        "  expected: a valid integer\n"
        "  fix: edit conf/runtime/, then run 'mooring compose'"
    )


def test_an_empty_source(project):
    rewrite(project, lambda table: table.slice(0, 0))
    assert failure("ingest") == (
        "data/raw/diabetes.parquet: source diabetes cannot be read\n"
        "  expected: at least one row\n"
        "  got: no rows\n"
        "  fix: put the file there, or correct data.sources.diabetes in conf/data"
    )


def test_a_source_that_is_no_parquet(project):
    (project.path / RAW).write_bytes(b"not parquet")
    assert failure("ingest") == (
        "data/raw/diabetes.parquet: source diabetes cannot be read\n"
        "  expected: a Parquet file\n"
        f"  got: Invalid Input Error: File '{project.path / RAW}' too small to be a Parquet file\n"
        "  fix: put the file there, or correct data.sources.diabetes in conf/data"
    )


def test_a_missing_source(project):
    (project.path / RAW).unlink()
    assert failure("ingest") == (
        "data/raw/diabetes.parquet: source diabetes cannot be read\n"
        "  got: No such file or directory\n"
        "  fix: put the file there, or correct data.sources.diabetes in conf/data"
    )


def test_a_query_that_returns_no_rows(project):
    project.edit(SQL, "from diabetes", "from diabetes\nwhere age > 1000")
    assert failure("ingest") == (
        "conf/data/diabetes.sql: the query returns no rows\n"
        "  expected: at least one row\n"
        "  fix: edit conf/data/diabetes.sql, then run 'dvc repro'"
    )


def test_a_query_that_fails(project):
    project.edit(SQL, "  bmi,\n", "  bmy,\n")
    assert failure("ingest") == (
        "conf/data/diabetes.sql:7: the query fails\n"
        '  got: Binder Error: Referenced column "bmy" not found in FROM clause!\n'
        'Candidate bindings: "bmi", "bp"\n'
        "  fix: edit conf/data/diabetes.sql, then run 'dvc repro'"
    )


def test_a_missing_target(project):
    project.edit(SQL, "  progression,\n", "")
    assert failure("ingest") == (
        "conf/data/diabetes.sql: the query does not return column progression\n"
        "  expected: id, progression, age, sex, bmi, bp, s1, s2, s3, s4, s5, s6\n"
        "  got: id, age, sex, bmi, bp, s1, s2, s3, s4, s5, s6\n"
        "  fix: edit conf/data/diabetes.sql, then run 'dvc repro'"
    )


def test_a_target_without_any_label(project):
    project.edit(SQL, "  progression,\n", "  cast(null as double) as progression,\n")
    assert failure("split") == (
        "params.yaml: window: the train window has no labelled rows\n"
        "  expected: at least one\n"
        "  got: 298 unlabelled rows\n"
        "  fix: edit conf/window, then run 'dvc repro'"
    )


def test_an_infinite_input(project):
    project.edit(SQL, "  bmi,\n", "  case when id = 7 then 'inf'::double else bmi end as bmi,\n")
    assert failure("validate") == (
        "diabetes: broken rules of conf/data: 2 (442 rows checked)\n"
        "  got: (all in reports/validation.json)\n"
        "    bmi: finite: 1 rows: row 409 (7) = 'inf'\n"
        "    bmi: max 80: 1 rows: row 409 (7) = 'inf'\n" + FIX_ROWS
    )


def test_a_category_out_of_the_allowed(project):
    project.edit(SQL, "cast(cast(sex as integer) as varchar)", "'x' || cast(id as varchar)")
    assert failure("validate") == (
        "diabetes: broken rules of conf/data: 1 (442 rows checked)\n"
        "  got: (all in reports/validation.json)\n"
        "    sex: categories: 442 rows: row 0 (0) = 'x0', "
        "row 1 (1) = 'x1', row 2 (10) = 'x10', row 3 (100) = 'x100', row 4 (101) = 'x101'\n"
        + FIX_ROWS
    )


def test_one_class_only(project):
    """Classification of the patients, all of whom are alike."""
    project.edit(SQL, "  progression,\n", "  1 as progression,\n")
    project.edit("conf/data/diabetes.yaml", "task: regression", "task: classification")
    project.edit("conf/problem/diabetes.yaml", "/model: linear", "/model: logistic")
    project.edit("conf/problem/diabetes.yaml", "/gate: regression", "/gate: classification")
    project.edit("conf/report/diabetes.yaml", "threshold: null", "threshold: 0.5")
    assert failure("split") == (
        "params.yaml: window: every row of the train window has progression = 1\n"
        "  expected: both classes, 0 and 1\n"
        "  got: 298 rows of class 1\n"
        "  fix: edit conf/window, then run 'dvc repro'"
    )


def test_a_window_outside_the_data(project):
    project.edit("conf/config.yaml", "problem: diabetes", "problem: weather")
    project.edit("conf/window/weather.yaml", "train_start: 2013-01-01", "train_start: 2023-01-01")
    project.edit("conf/window/weather.yaml", "train_end: 2013-10-01", "train_end: 2023-10-01")
    assert failure("split") == (
        "params.yaml: window: the window lies outside the data\n"
        "  expected: days from 2013-01-01 to 2013-12-30 (America/New_York)\n"
        "  got: train from 2023-01-01, test until 2023-11-30\n"
        "  fix: edit conf/window, then run 'dvc repro'"
    )


def test_a_failed_stage_loses_nothing_that_was_made_before(project):
    """DVC takes a stage's outputs away before it runs; the cache still has what they were."""
    before = locked(project)
    project.edit(SQL, "from diabetes", "from diabetes\nwhere age > 1000")
    done = project.dvc("repro", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert re.search(r"^stage ingest failed$", done.stderr, re.MULTILINE)
    assert spoilt_objects(project) == []
    in_git = set(project.run("git", "ls-files").stdout.splitlines())
    cache = project.path / ".dvc/cache"
    lost = [
        path
        for path, md5 in before.items()
        if path not in in_git and not object_path(cache, md5).is_file()
    ]
    assert lost == []
    project.run("git", "checkout", "--quiet", ".")
    project.dvc("checkout")
    assert project.dvc("status").stdout == "Data and pipelines are up to date.\n"
