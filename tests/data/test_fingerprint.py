"""rows_hash is a law: order does not change it, every value does."""

import hashlib

import pytest

HEAD = "id,asked,late,miles,city"
A = "a,2024-01-01T12:00:00,0,1.5,Rye"
B = "b,2024-01-02T12:00:00,1,2.5,Troy"
QUERY = "select id, asked::timestamp as asked, late, miles, city from trips"


@pytest.fixture
def hash_of(project):
    def run(*lines: str, query: str = QUERY) -> str:
        project.csv("\n".join([HEAD, *lines, "z,2024-01-09T12:00:00,1,9.5,Rye"]) + "\n")
        return project.ingest(query)["rows_hash"]

    return run


def test_the_order_of_rows_does_not_change_it(hash_of, project):
    assert hash_of(A, B) == hash_of(B, A)
    same_time = A.replace("a,", "q,")
    assert hash_of(A, same_time) == hash_of(same_time, A)


@pytest.mark.parametrize(
    "changed",
    [
        A.replace("a,", "b,"),
        A.replace("12:00:00", "12:00:01"),
        A.replace(",0,", ",1,"),
        A.replace("1.5", "1.5000000000000002"),
        A.replace("1.5", "NA"),
        A.replace("Rye", "NA"),
        A.replace("Rye", "Rye "),
    ],
)
def test_one_changed_value_changes_it(hash_of, changed):
    assert hash_of(A, B) != hash_of(changed, B)


def test_a_duplicate_row_changes_the_hash(hash_of):
    assert len({hash_of(B), hash_of(A, A, B), hash_of(A, A, A, A, B)}) == 3


def test_missing_and_empty_texts_differ(hash_of):
    """An exclusive or, or a missing value written as '', would fail here."""
    empty = QUERY.replace("city", "coalesce(city, '') as city")
    row = A.replace("Rye", "NA")
    assert hash_of(row, query=empty) != hash_of(row)


def test_adjacent_values_do_not_collide(hash_of, project):
    project.csv("id,city\nx,Rye\n")
    data = project.data(time=None)
    first, second = (
        project.ingest(f"select {one} as id, 1 as late, 1 as miles, {two} as city from trips", data)
        for one, two in (("'1:a,1:b'", "'c'"), ("'1:a'", "'1:b,c'"))
    )
    assert first["rows_hash"] != second["rows_hash"]


def test_it_is_the_sum_of_the_md5_of_each_row(project):
    project.csv(f"{HEAD}\n{A}\n{B}\n")
    texts = ["1:a,1704110400000000,0.0,1.5,3:Rye,", "1:b,1704196800000000,1.0,2.5,4:Troy,"]
    digests = [hashlib.md5(text.encode()).digest() for text in texts]
    total = sum(int.from_bytes(digest, "little") for digest in digests) % 2**128
    assert project.ingest()["rows_hash"] == f"md5sum128:{total:032x}"
