"""The request schema: its file says what the object says, in the declared order."""

from pathlib import Path

from mooring.bento.request import RequestSchema
from tests.serving.reading.test_rows import schema


def test_a_schema_comes_back_from_its_file_with_its_columns_in_the_declared_order(
    tmp_path: Path,
) -> None:
    declared = schema()
    columns = dict(reversed(declared.columns.items()))
    written = declared.model_copy(update={"columns": columns})
    written.write(tmp_path / "request.json")
    read = RequestSchema.read(tmp_path / "request.json")
    assert read == written
    assert list(read.columns) == list(columns) != sorted(columns)
