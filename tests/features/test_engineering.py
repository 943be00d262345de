"""Features of a window: streamed in batches, in order, and never infinite."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mooring.config.data import Data
from mooring.errors import DataError
from mooring.features import engineering
from mooring.features.arrays import category_array, input_columns, number_array
from mooring.features.engineering import write_features
from mooring.features.layout import Layout
from mooring.models.table import read_table
from tests.support import tables


def write_rows(path: Path, data: Data, **changes: list[Any]) -> None:
    """Write five rows as the split stage does."""
    columns: dict[str, Any] = {
        "id": ["a", "b", "c", "d", "e"],
        "asked": pa.array([1, 2, 3, 4, 5], pa.timestamp("us")),
        "answer": pa.array([0, 1, 0, 1, 1], pa.int64()),
        "x": [1.0, None, 3.0, 4.0, 5.0],
        "y": pa.array([1, 2, 3, None, 5], pa.int32()),
        "z": [0.5] * 5,
        "city": ["Rye", None, "Troy", "", "Rye"],
        "word": pa.array([None] * 5, pa.string()),
    }
    if data.time is None:
        del columns["asked"]
    pq.write_table(pa.table(columns | changes), path)


def layout(data: Data) -> Layout:
    return Layout.of(data, tables.features())


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_features_are_key_time_target_and_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_rows: int
) -> None:
    monkeypatch.setattr(engineering, "BATCH_ROWS", batch_rows)
    data = tables.data()
    write_rows(tmp_path / "rows", data)
    assert write_features(tmp_path / "rows", tmp_path / "out", layout(data)) == 5
    found = pq.read_table(tmp_path / "out")
    assert found.column_names == ["id", "asked", "answer", "x", "y", "z", "city", "word"]
    assert found.schema.field("answer").type == pa.float64()
    assert found.column("id").to_pylist() == ["a", "b", "c", "d", "e"]
    assert found.column("city").to_pylist() == ["Rye", "", "Troy", "", "Rye"]
    assert found.column("y").fill_null(-1).to_pylist()[:3] == [1.0, 2.0, 3.0]
    table = read_table(tmp_path / "out", layout(data))
    assert np.isnan(table.frame["x"][1])
    assert np.isnan(table.frame["y"][3])
    assert table.frame["word"].tolist() == [""] * 5
    assert table.target.tolist() == [0, 1, 0, 1, 1]
    assert len(table.rows(np.array([0, 2]))) == 2


def test_data_without_time_has_no_time(tmp_path: Path) -> None:
    data = tables.data(timed=False)
    write_rows(tmp_path / "rows", data)
    write_features(tmp_path / "rows", tmp_path / "out", layout(data))
    table = read_table(tmp_path / "out", layout(data))
    assert table.times is None
    assert table.rows(slice(1, 3)).times is None


def test_an_infinite_feature_is_refused_by_the_keys_of_its_rows(tmp_path: Path) -> None:
    data = tables.data()
    infinite = [float("inf"), 1.0, float("-inf"), float("inf"), 2.0]
    write_rows(tmp_path / "rows", data, z=infinite)
    (tmp_path / "out").write_text("old")
    with pytest.raises(DataError) as caught:
        write_features(tmp_path / "rows", tmp_path / "out", layout(data))
    assert str(caught.value) == (
        f"{tmp_path}/rows: feature z is infinite in 3 rows\n"
        "  expected: finite numbers; missing ones are imputed\n"
        "  got: rows a, c, d\n"
        "  fix: bound the column in conf/data, or correct z in mooring/features/derived.py"
    )
    assert (tmp_path / "out").read_text() == "old"


def test_stored_columns_become_float64_and_text() -> None:
    assert number_array(pa.chunked_array([[1], [None, 3]])).tolist()[0] == 1.0
    assert np.isnan(number_array(pa.chunked_array([[1], [None, 3]]))[1])
    assert number_array(pa.array([True, False])).tolist() == [1.0, 0.0]
    words = pa.array(["a", None, "b"]).dictionary_encode()
    assert category_array(words).tolist() == ["a", "", "b"]
    spec = layout(tables.data()).spec
    batch = pa.table({"x": [1], "y": [2], "z": [3], "city": ["a"], "word": [None], "id": ["k"]})
    assert list(input_columns(batch, spec)) == ["x", "y", "z", "city", "word"]
