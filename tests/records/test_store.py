"""Stores: parts appear whole, are checked by their names, and S3 is no other than a directory."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mooring.errors import EnvironmentFault, IntegrityError
from mooring.records.parts import Part
from mooring.records.store import Store
from tests.support.s3 import BUCKET, environment_of, s3_server


@pytest.fixture(scope="module", params=["directory", "s3"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "directory":
        yield str(tmp_path_factory.mktemp("store"))
        return
    with s3_server() as environment, environment_of(environment):
        yield f"s3://{BUCKET}/prefix"


def part(content: bytes, stream: str = "a", number: int = 1) -> Part:
    return Part.of(stream, number, content, ".bin")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened


def test_parts_are_listed_and_read_back(store: Store) -> None:
    first, second = part(b"one"), part(b"two", number=2)
    for of, content in ((second, b"two"), (first, b"one"), (first, b"one")):
        store.put("listed/2013-01-01", of, content)
    assert store.directories("listed") == ["2013-01-01"]
    assert store.parts("listed/2013-01-01") == [first, second]
    assert store.read("listed/2013-01-01", second) == b"two"


def test_removing_a_part_twice_is_allowed(store: Store) -> None:
    of = part(b"gone")
    store.put("removed", of, b"gone")
    for _ in range(2):
        store.remove("removed", of)
    assert store.parts("removed") == []


def test_an_empty_store_holds_nothing(store: Store) -> None:
    assert store.directories("nothing") == []
    assert store.parts("nothing/here") == []


def test_the_newest_file_is_known_by_its_time(store: Store) -> None:
    before = time.time() - 2  # S3 tells whole seconds
    store.put("newest/2013-01-01", part(b"one"), b"one")
    first = store.newest("newest")
    assert first is not None
    assert before <= first <= time.time()
    of = part(b"two", number=2)
    store.put("newest/2013-01-02/deeper", of, b"two")
    assert store.newest("newest") == store.newest("newest/2013-01-02") >= first
    assert store.newest("nothing") is None


def test_an_unfinished_file_is_not_the_newest(tmp_path: Path) -> None:
    (tmp_path / ".one.bin.1.tmp").write_bytes(b"half")
    assert Store(str(tmp_path)).newest() is None


def test_any_changed_or_truncated_part_is_refused_by_name(tmp_path: Path) -> None:
    store, draw = Store(str(tmp_path)), random.Random(1)
    content = draw.randbytes(500)
    of = part(content)
    store.put("d", of, content)
    path = tmp_path / "d" / str(of)
    for _ in range(300):
        spoilt = bytearray(content)
        if draw.random() < 0.5:
            spoilt[draw.randrange(500)] ^= 1 << draw.randrange(8)
        else:
            spoilt = spoilt[: draw.randrange(500)]
        path.write_bytes(spoilt)
        with pytest.raises(IntegrityError) as caught:
            store.read("d", of)
        assert caught.value.where == str(path)


def test_other_files_in_a_store_are_ignored(tmp_path: Path) -> None:
    store, of = Store(str(tmp_path)), part(b"one")
    store.put("d", of, b"one")
    for name in ("README", f".{of}.7.tmp", f"{of}.bak", "a.1.bin", f"a.000001.{'G' * 64}.bin"):
        (tmp_path / "d" / name).write_bytes(b"")
    assert store.parts("d") == [of]


def test_an_unknown_protocol_names_the_fix() -> None:
    with pytest.raises(EnvironmentFault) as caught:
        Store("nowhere://bucket")
    assert "MOORING_STORE" in caught.value.fix


def test_an_unreachable_store_is_reported() -> None:
    dead = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with environment_of(dead), Store(f"s3://{BUCKET}/dead") as store:
        with pytest.raises(OSError):
            store.put("d", part(b"x"), b"x")
        with pytest.raises(EnvironmentFault, match="cannot be read"):
            store.parts("d")
