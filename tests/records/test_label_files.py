"""Labels: Parquet or CSV, a file, a directory or a URL, and what is refused."""

from datetime import date
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mooring.errors import IntegrityError, SourceError
from mooring.records import labels
from mooring.records.label_files import read_labels
from mooring.records.store import Store


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


def test_all_tables_of_a_directory_are_read(tmp_path: Path) -> None:
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
        ("a.csv", "key,late\nk1,1\n", "column id is missing"),
        ("a.csv", "id,late\nk1,yes\n", "is not a table of labels"),
        ("a.csv", "", "is not a table of labels"),
        ("a.parquet", "not parquet", "is not a table of labels"),
        ("a.txt", "id,late\nk1,1\n", "contains no label files"),
    ],
)
def test_files_without_labels_are_refused(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / name, text)
    with pytest.raises(SourceError, match=message):
        read_labels(str(path), "id", "late")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nowhere/a.csv", "no such file or directory"),
        ("nowhere", "no such file or directory"),
        ("nosuch://labels/a.csv", "Protocol not known: nosuch"),
    ],
)
def test_missing_label_files_are_refused(url: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_labels(url, "id", "late")
    assert str(caught.value) == f"{url}: labels cannot be opened\n  got: {reason}"


def test_a_part_of_the_store_is_checked_before_it_is_read(tmp_path: Path) -> None:
    found = labels.table(
        np.array(["k1", "k2"], dtype=object), np.array([0.0, 1.0]), np.zeros(2, "datetime64[us]")
    )
    with Store(str(tmp_path)) as store:
        labels.put_labels(store, date(2024, 6, 1), "writer", 1, found)
    (path,) = (tmp_path / "labels" / "2024-06-01").iterdir()
    content = path.read_bytes()
    for place in range(0, len(content), 97):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(
            IntegrityError, match="is corrupt: its content does not match its name"
        ) as caught:
            read_labels(str(tmp_path / "labels"), "key", "label")
        assert caught.value.where == str(path)
    path.write_bytes(content)
    assert read_labels(str(tmp_path / "labels"), "key", "label").to_pydict() == {
        "key": ["k1", "k2"],
        "label": [0.0, 1.0],
    }
