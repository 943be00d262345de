"""Labels: Parquet or CSV, a file, a directory or a URL, and what is refused."""

from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from mooring.errors import SourceError
from mooring.outcomes.labels import read_labels


def write_csv(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_csv_file_keeps_keys_as_they_are_written(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "labels.csv", "id,late,more\n007,1,x\n08,,y\n08,0,z\n")
    assert read_labels(str(path), "id", "late").to_pydict() == {
        "key": ["007", "08", "08"],
        "label": [1.0, None, 0.0],
    }


def test_a_parquet_file_may_hold_numbers_as_keys_and_booleans_as_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    parquet.write_table(pa.table({"id": [7, 8], "late": [True, None]}), path)
    assert read_labels(str(path), "id", "late").to_pydict() == {
        "key": ["7", "8"],
        "label": [1.0, None],
    }


def test_a_directory_is_read_whole_but_for_what_is_not_a_table(tmp_path: Path) -> None:
    write_csv(tmp_path / "day=1" / "a.csv", "id,late\nk1,1\n")
    parquet.write_table(pa.table({"id": ["k2"], "late": [0.0]}), tmp_path / "b.parquet")
    write_csv(tmp_path / ".c.csv", "half")
    write_csv(tmp_path / "_SUCCESS", "")
    found = read_labels(f"file://{tmp_path}", "id", "late").to_pydict()
    assert sorted(zip(found["key"], found["label"], strict=True)) == [("k1", 1.0), ("k2", 0.0)]


def test_a_url_of_any_file_system_is_read() -> None:
    with fsspec.open("memory://labels/a.csv", "w") as file:
        file.write("id,late\nk1,1\n")
    assert read_labels("memory://labels", "id", "late").to_pydict() == {"key": ["k1"], "label": [1]}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "key,late\nk1,1\n", "lacks the column id"),
        ("a.csv", "id,late\nk1,yes\n", "is not a table of labels"),
        ("a.csv", "", "is not a table of labels"),
        ("a.parquet", "not parquet", "is not a table of labels"),
        ("a.txt", "id,late\nk1,1\n", "holds no labels"),
    ],
)
def test_what_holds_no_labels_is_refused(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / name, text)
    with pytest.raises(SourceError, match=message):
        read_labels(str(path), "id", "late")


@pytest.mark.parametrize("url", ["nowhere/a.csv", "nowhere", "nosuch://labels/a.csv"])
def test_what_is_not_there_is_refused(url: str) -> None:
    with pytest.raises(SourceError):
        read_labels(url, "id", "late")
