"""Files: whole or not at all, also when the writer is killed or the disk is full."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mooring import files
from mooring.errors import EnvironmentFault, IntegrityError
from mooring.machine.process import explain_full_disk

STUCK_FILE = """
import sys, time
from mooring import files
with files.replacing(sys.argv[1]) as temporary:
    with temporary.open("wb") as file:
        file.write(b"new" * 1000)
        file.flush()
        print("half", flush=True)
        time.sleep(60)
"""
STUCK_DIRECTORY = """
import sys, time
from mooring import files
with files.replacing_directory(sys.argv[1]) as temporary:
    (temporary / "a").write_text("new")
    print("half", flush=True)
    time.sleep(60)
"""
LIMITED = """
import resource, signal, sys
from mooring import files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    files.write_bytes(sys.argv[1], b"new" * 1000)
except OSError as error:
    print(error.errno, error.filename == sys.argv[1])
"""

HURRIED = """
import sys
from mooring import files
for _ in range(200):
    with files.replacing_directory(sys.argv[1]) as temporary:
        for name in "ab":
            (temporary / name).write_text(sys.argv[2])
"""


def kill_in_the_middle(program: str, path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        os.kill(writer.pid, signal.SIGKILL)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    files.write_text(path, "old")
    files.write_text(path, "né")
    assert path.read_bytes() == "né".encode()
    assert names(path.parent) == ["a.txt"]


def test_an_exception_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    files.write_bytes(path, b"old")
    with pytest.raises(KeyError), files.replacing(path) as temporary:
        temporary.write_bytes(b"new")
        raise KeyError
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_kill_in_the_middle_of_a_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    files.write_bytes(path, b"old")
    kill_in_the_middle(STUCK_FILE, path)
    assert path.read_bytes() == b"old"
    files.write_bytes(path, b"newer")
    assert path.read_bytes() == b"newer"


def test_a_kill_while_a_directory_is_filled_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "d"
    with files.replacing_directory(path) as temporary:
        (temporary / "a").write_text("old")
    kill_in_the_middle(STUCK_DIRECTORY, path)
    assert (path / "a").read_text() == "old"


def test_a_directory_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "d"
    for content in ("one", "two"):
        with files.replacing_directory(path) as temporary:
            files.write_text(temporary / "sub" / content, content)
    assert [p.relative_to(path).as_posix() for p in path.rglob("*")] == ["sub", "sub/two"]
    assert names(tmp_path) == ["d"]


def test_concurrent_writers_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "d"
    writers = [
        subprocess.Popen([sys.executable, "-c", HURRIED, str(path), name], stderr=subprocess.PIPE)
        for name in ("one", "two", "three")
    ]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 3
    assert names(tmp_path) == ["d"]
    assert (path / "a").read_text() == (path / "b").read_text()


def test_an_exception_leaves_the_old_directory(tmp_path: Path) -> None:
    path = tmp_path / "d"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(KeyError), files.replacing_directory(path) as temporary:
        (temporary / "new").touch()
        raise KeyError
    assert names(path) == ["old"]
    assert names(tmp_path) == ["d"]


def test_a_write_beyond_the_limit_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    files.write_bytes(path, b"old")
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True
    )
    assert run.stdout == "27 True\n"  # EFBIG
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_explained() -> None:
    with (
        pytest.raises(EnvironmentFault, match="the disk is full") as caught,
        explain_full_disk(),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert caught.value.fix == "free some space, then run the same command again"


def test_json_is_sorted_indented_and_ends_in_a_newline(tmp_path: Path) -> None:
    files.write_json(tmp_path / "a.json", {"b": [1], "a": None})
    assert (tmp_path / "a.json").read_text() == '{\n  "a": null,\n  "b": [\n    1\n  ]\n}\n'
    assert files.read_json(tmp_path / "a.json") == {"a": None, "b": [1]}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_refuses_what_it_cannot_hold(tmp_path: Path, value: float) -> None:
    files.write_json(tmp_path / "a.json", 1)
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(tmp_path / "a.json", value)
    assert json.loads((tmp_path / "a.json").read_text()) == 1


@pytest.mark.parametrize("content", [None, b"{", b"\xff"])
def test_unreadable_json_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IntegrityError, match="cannot be read as JSON") as caught:
        files.read_json(path)
    assert caught.value.where == str(path)


def test_hashes_are_the_standard_ones(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.sha256_bytes(b"abc") == files.sha256_file(tmp_path / "a") == sha256
    assert files.md5_file(tmp_path / "a") == "900150983cd24fb0d6963f7d28e17f72"


def test_a_tree_hash_sees_names_and_contents_but_not_order(tmp_path: Path) -> None:
    for root, order in (("one", "ab"), ("two", "ba")):
        for name in order:
            files.write_text(tmp_path / root / "sub" / name, name)
    first = files.sha256_tree(tmp_path / "one")
    assert first == files.sha256_tree(tmp_path / "two")
    (tmp_path / "two/sub/a").rename(tmp_path / "two/sub/c")
    assert first != files.sha256_tree(tmp_path / "two")
    files.write_text(tmp_path / "one/sub/a", "A")
    assert first != files.sha256_tree(tmp_path / "one")
