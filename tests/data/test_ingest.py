"""The query gives the declared columns in order, or says what went wrong, and where."""

import datetime
import json
import os
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from mooring.config.runtime import Runtime
from mooring.errors import EnvironmentFault, QueryError, SourceError
from mooring.files import md5_file

QUERY = "select id, asked::timestamp as asked, late, miles, city from trips"


def test_rows_have_the_declared_columns_types_and_order(project, table):
    project.ingest("select city, miles::int as miles, late = 1 as late, asked, id from trips;\n")
    schema = pq.read_schema(project.rows)
    assert [f"{field.name} {field.type}" for field in schema] == [
        "id string",
        "asked timestamp[us]",
        "late double",
        "miles double",
        "city string",
    ]
    rows = table(project.rows)
    assert rows["id"] == ["a", "b", "c", "d", "e", "f"]
    assert rows["late"] == [0.0, 1.0, 1.0, None, 0.0, 1.0]
    assert rows["city"][:3] == ["Rye", None, "Troy"]
    assert rows["asked"][0] == datetime.datetime(2024, 1, 1, 12)


def test_a_time_with_a_zone_is_stored_in_utc(project, table):
    project.ingest(
        QUERY.replace("asked::timestamp", "asked::timestamp at time zone 'America/New_York'")
    )
    assert table(project.rows)["asked"][0] == datetime.datetime(2024, 1, 1, 17)


def test_the_manifest_pins_query_sources_schema_and_rows(project):
    facts = project.ingest()
    assert facts == json.loads(project.manifest.read_text())
    assert {
        name: facts[name] for name in ("name", "rows", "unlabelled_rows", "time", "schema")
    } == {
        "name": "trips",
        "rows": 6,
        "unlabelled_rows": 1,
        "time": {
            "column": "asked",
            "first": "2024-01-01T12:00:00Z",
            "last": "2024-01-05T12:00:00Z",
        },
        "schema": {
            "id": "string",
            "asked": "timestamp",
            "late": "double",
            "miles": "double",
            "city": "string",
        },
    }
    source = facts["sources"]["trips"]
    assert (source["bytes"], len(source["sha256"])) == (os.path.getsize("data/raw/trips.csv"), 64)
    before = facts["query"]["sha256"]
    assert project.ingest(QUERY + " -- a comment")["query"]["sha256"] != before


def test_repeated_runs_give_the_same_bytes(project):
    lines = [f"k{i},2024-01-01T00:00:{i % 60:02},{i % 2},{i % 99},Rye" for i in range(150_000)]
    project.csv("\n".join(["id,asked,late,miles,city", *lines]))
    digests = set()
    for _ in range(3):
        project.ingest()
        digests.add((md5_file(project.rows), md5_file(project.manifest)))
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("query", "what", "where"),
    [
        (
            "select id, asked::timestamp as asked,\n late, nope as miles, city from trips",
            "fails",
            ":2",
        ),
        (
            "select id, asked::timestamp as asked,\n late, id::int as miles, city from trips",
            "fails",
            ":2",
        ),
        ("select id,\n from from where", "is not SQL", ":2"),
        ("", "is not a single SELECT", ""),
        ("select 1; select 2", "is not a single SELECT", ""),
        ("drop table trips", "is not a single SELECT", ""),
        ("copy trips to 'x.csv'", "is not a single SELECT", ""),
        (QUERY + " where miles > 1000", "returns no rows", ""),
        (QUERY.replace("late,", ""), "does not return column late", ""),
        (
            QUERY.replace("late,", "late, late as dep_delay,"),
            "dep_delay, which conf/data does not declare",
            "",
        ),
        (QUERY.replace("miles", "city as miles"), "returns column miles as string", ""),
        (QUERY.replace("asked::timestamp", "asked::varchar"), "returns column asked as string", ""),
        (QUERY.replace("late", "random() as late"), "random changes from run to run", ":1"),
        (QUERY.replace("asked::timestamp", "NOW ()"), "now changes from run to run", ":1"),
        (QUERY.replace("asked::timestamp", "\ncurrent_date"), "current_date changes", ":2"),
        (QUERY.replace("asked::timestamp", "current_timestamp"), "current_timestamp changes", ":1"),
        (QUERY.replace("id,", "uuid() as id,"), "uuid changes from run to run", ":1"),
        (QUERY.replace("id,", '"uuid"() as id,'), "uuid changes from run to run", ":1"),
        (QUERY + " using sample 3", "sample changes from run to run", ""),
        (QUERY + " limit 3", "LIMIT without ORDER BY returns arbitrary rows", ""),
        (QUERY.replace("trips", "'data/raw/other.csv'"), "which conf/data does not declare", ""),
        (
            QUERY.replace("trips", "read_csv('data/raw/other.csv')"),
            "which conf/data does not declare",
            "",
        ),
        (QUERY.replace("trips", "duckdb_settings()"), "which conf/data does not declare", ""),
        (
            QUERY.replace("trips", "information_schema.tables"),
            "which conf/data does not declare",
            "",
        ),
    ],
)
def test_a_bad_query_is_refused_with_its_place_and_the_old_rows_stay(project, query, what, where):
    project.ingest()
    project.csv(Path("data/raw/trips.csv").read_text(), "other")
    before = md5_file(project.rows)
    with pytest.raises(QueryError) as caught:
        project.ingest(query)
    assert what in caught.value.what
    assert caught.value.where == f"conf/data/trips.sql{where}"
    assert caught.value.fix == "edit conf/data/trips.sql, then run 'dvc repro'"
    assert md5_file(project.rows) == before
    assert not list(Path("data").glob(".*"))


def test_the_whole_message_of_a_failing_query(project):
    with pytest.raises(QueryError) as caught:
        project.ingest(QUERY.replace("miles", "mile"))
    assert str(caught.value) == (
        "conf/data/trips.sql:1: the query fails\n"
        '  got: Binder Error: Referenced column "mile" not found in FROM clause!\n'
        'Candidate bindings: "miles", "id", "city", "late"\n'
        "  fix: edit conf/data/trips.sql, then run 'dvc repro'"
    )


def test_names_that_only_look_like_unstable_functions_are_accepted(project):
    project.ingest(
        "with today as (select *, 'now()' as random /* now() */ from trips order by id limit 6) "
        "select id, asked::timestamp as asked, late, miles, city from today"
    )


def test_too_little_memory_names_the_setting(project):
    project.runtime = Runtime(seed=1, n_threads=2, memory_mb=128)
    lines = [f"k{i},2024-01-01T00:00:00,0,1,Rye" for i in range(200_000)]
    project.csv("\n".join(["id,asked,late,miles,city", *lines]))
    greedy = "(select list(a.id || b.id) from trips a, trips b)"
    with pytest.raises(EnvironmentFault, match=r"raise runtime\.memory_mb in conf/runtime"):
        project.ingest(QUERY.replace("city", f"len({greedy})::varchar as city"))


def test_a_full_disk_is_reported_and_the_old_rows_stay(project):
    project.ingest()
    before = md5_file(project.rows)
    Path(f"data/.rows.parquet.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(EnvironmentFault) as caught:
        project.ingest()
    assert caught.value.what == "the disk is full; existing files are unchanged"
    assert md5_file(project.rows) == before


@pytest.mark.parametrize(
    ("text", "got"), [("", "an empty file"), ("id,asked,late,miles,city\n", "no rows")]
)
def test_an_empty_source_is_named(project, text, got):
    project.csv(text)
    with pytest.raises(SourceError) as caught:
        project.ingest()
    assert (caught.value.what, caught.value.got) == ("source trips cannot be read", got)
    assert caught.value.where == "data/raw/trips.csv"


def test_a_csv_type_is_inferred_from_every_line(project, table):
    lines = [f"k{i},2024-01-01T00:00:00,0,NA,Rye" for i in range(30_000)]
    project.csv("\n".join(["id,asked,late,miles,city", *lines, "z,2024-01-01,1,2.5,Rye"]))
    project.ingest()
    assert table(project.rows)["miles"][-1] == 2.5


def test_leftovers_of_a_killed_run_are_removed(project):
    left = Path("data/.rows.scratch.tmp/spill")
    left.mkdir(parents=True)
    project.ingest()
    assert not left.parent.exists()


def test_ibis_and_plain_duckdb_give_the_same_rows(project, table):
    project.ingest()
    plain = duckdb.sql(
        "select id, late from read_csv('data/raw/trips.csv', nullstr = 'NA') order by asked, id"
    ).fetchall()
    rows = table(project.rows)
    assert list(zip(rows["id"], rows["late"], strict=True)) == plain
