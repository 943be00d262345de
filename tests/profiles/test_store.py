"""A directory of profiles: whylogs' own files, refused when one byte is not what was written."""

import datetime
import json
import random
import shutil

import numpy as np
import pytest

from mooring.errors import DataError, IntegrityError
from mooring.files import sha256_bytes
from mooring.profiles.sketches import profile_columns
from mooring.profiles.store import read_sketches, seal_index, write_profiles

import whylogs as why  # isort: skip  # after the module that makes it importable

KINDS = {"x": "number", "c": "category"}
BLOCK = {"sha256": "0" * 64, "rows": 1, "bytes": 1}
FACTS = {"data": "flights", "zone": None}


def view(day, n_rows):
    columns = {"x": np.arange(float(n_rows)), "c": np.full(n_rows, "a", dtype=object)}
    return profile_columns(columns, KINDS, day=datetime.date(2013, 1, day), facts={})


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "reference"
    write_profiles(path, {"2013-01-02": view(2, 5), "2013-01-01": view(1, 3)}, KINDS, FACTS)
    return path


def edit_index(directory, change):
    index = json.loads((directory / "index.json").read_text())
    change(index)
    seal_index(directory / "index.json", index)


def test_profiles_come_back_as_they_were_written(directory):
    stored = read_sketches(directory)
    assert (stored.columns, stored.facts) == (KINDS, FACTS)
    assert stored.rows == {"2013-01-01": 3, "2013-01-02": 5}
    assert list(stored.blocks) == ["2013-01-01", "2013-01-02"]
    found = stored.blocks["2013-01-02"]["x"]
    assert (found.kind, found.rows, found.extremes) == ("number", 5, (0.0, 4.0))


def test_the_index_says_what_each_file_is(directory):
    content = (directory / "2013-01-01.bin").read_bytes()
    index = json.loads((directory / "index.json").read_text())
    assert set(index) == {"schema", "columns", "blocks", "facts", "sha256"}
    assert (index["schema"], index["columns"], index["facts"]) == (2, KINDS, FACTS)
    assert index["blocks"]["2013-01-01"] == {
        "sha256": sha256_bytes(content),
        "rows": 3,
        "bytes": len(content),
    }


def test_whylogs_own_reader_opens_the_files(directory):
    found = why.read(str(directory / "2013-01-02.bin")).view()
    assert found.get_column("c").get_metric("counts").n.value == 5
    assert found.get_column("x").get_metric("distribution").avg == 2.0
    assert found.dataset_timestamp == datetime.datetime(2013, 1, 2, tzinfo=datetime.UTC)


def test_writing_again_replaces_the_whole_directory(directory):
    write_profiles(directory, {"block-000": view(1, 2)}, KINDS, {})
    assert sorted(path.name for path in directory.iterdir()) == ["block-000.bin", "index.json"]
    assert read_sketches(directory).rows == {"block-000": 2}


@pytest.mark.parametrize("name", ["../evil", "", ".hidden", "a/b", "index.json"])
def test_a_block_name_that_is_no_file_name_is_refused_and_nothing_is_lost(directory, name):
    with pytest.raises(DataError, match="cannot name a file"):
        write_profiles(directory, {name: view(1, 1)}, KINDS, {})
    assert len(read_sketches(directory).blocks) == 2
    assert not list(directory.parent.glob("*.bin"))


def test_a_profile_of_other_columns_is_not_written(directory):
    with pytest.raises(DataError, match="block b has other columns"):
        write_profiles(directory, {"b": view(1, 1)}, {"x": "number"}, {})
    assert len(read_sketches(directory).blocks) == 2


def test_a_changed_file_is_refused_by_name(directory):
    path = directory / "2013-01-01.bin"
    content = bytearray(path.read_bytes())
    before = sha256_bytes(bytes(content))
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        read_sketches(directory)
    assert str(caught.value) == (
        f"{path}: has changed since it was written\n"
        f"  expected: sha256 {before}\n"
        f"  got: sha256 {sha256_bytes(bytes(content))}\n"
        "  fix: run 'dvc checkout', or make the profiles again with 'dvc repro'"
    )


def test_no_flip_and_no_truncation_is_let_through(directory):
    draw, path = random.Random(1), directory / "2013-01-01.bin"
    content = path.read_bytes()
    for _ in range(200):
        damaged = bytearray(content)
        damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        cut = draw.randrange(len(content))
        for wrong in (bytes(damaged), content[:cut], content + damaged[:1]):
            path.write_bytes(wrong)
            with pytest.raises(IntegrityError, match=r"2013-01-01\.bin: has changed"):
                read_sketches(directory)


def test_a_missing_file_is_refused_by_name(directory):
    (directory / "2013-01-02.bin").unlink()
    with pytest.raises(IntegrityError, match=r"2013-01-02\.bin: is missing"):
        read_sketches(directory)


def test_a_missing_index_is_refused_by_name(directory):
    (directory / "index.json").unlink()
    with pytest.raises(IntegrityError, match=r"index\.json: cannot be read\n"):
        read_sketches(directory)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"flights", b"flightt"), (b"null", b'"UTC"'), (b'"x"', b'"x" '), (b"}\n", b"}")],
    ids=["a fact", "another fact", "a space", "the last line's end"],
)
def test_an_index_with_any_other_byte_is_refused(directory, old, new):
    path = directory / "index.json"
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    with pytest.raises(IntegrityError, match=r"index\.json: has changed since it was written"):
        read_sketches(directory)


def test_a_missing_directory_is_refused_by_name(tmp_path):
    with pytest.raises(IntegrityError, match=r"nowhere/index\.json: cannot be read"):
        read_sketches(tmp_path / "nowhere")


def test_an_extra_file_is_refused_by_name(directory):
    shutil.copy(directory / "2013-01-01.bin", directory / "2013-01-03.bin")
    with pytest.raises(IntegrityError, match=r"2013-01-03\.bin: is not in index\.json"):
        read_sketches(directory)


def test_a_directory_in_the_place_of_a_file_is_refused(directory):
    (directory / "2013-01-01.bin").unlink()
    (directory / "2013-01-01.bin").mkdir()
    with pytest.raises(IntegrityError, match=r"2013-01-01\.bin: cannot be read"):
        read_sketches(directory)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda index: index.update(schema=1), "schema = 1"),
        (lambda index: index.update(more=1), "more = 1"),
        (lambda index: index.pop("blocks"), "blocks = nothing"),
        (lambda index: index["blocks"].update({"../x": BLOCK}), r"blocks\.\.\./x"),
        (lambda index: index["columns"].update(x="text"), r"columns\.x"),
        (
            lambda index: index["blocks"]["2013-01-01"].update(rows=-1),
            r"blocks\.2013-01-01\.rows = -1",
        ),
    ],
)
def test_a_wrong_index_is_refused_by_key(directory, change, key):
    edit_index(directory, change)
    with pytest.raises(
        IntegrityError, match=rf"is not an index of profiles\n  expected: .*\n  got: {key}"
    ):
        read_sketches(directory)


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index["blocks"]["2013-01-01"].update(rows=4),
        lambda index: index["columns"].pop("x"),
        lambda index: index["columns"].update(x="category"),
    ],
)
def test_an_index_that_says_other_things_than_its_profiles_is_refused(directory, change):
    edit_index(directory, change)
    with pytest.raises(IntegrityError, match=r"2013-01-01\.bin: holds other columns or rows"):
        read_sketches(directory)


@pytest.mark.parametrize(
    "content",
    [
        b"WHY0 nothing",
        b"\xff\xff\xff\xff",
        b"WHY1\x02\x08",
        b"",
        why.log(row={"x": 1, "c": "a"}).view().serialize(),
    ],
    ids=["other magic", "no text", "cut short", "empty", "another's columns"],
)
def test_a_file_that_is_sealed_but_no_profile_is_refused(directory, content):
    (directory / "2013-01-01.bin").write_bytes(content)
    block = {"sha256": sha256_bytes(content), "bytes": len(content) or 1, "rows": 3}
    edit_index(directory, lambda index: index["blocks"].update({"2013-01-01": block}))
    with pytest.raises(IntegrityError, match=r"2013-01-01\.bin: is not a profile of Mooring"):
        read_sketches(directory)
