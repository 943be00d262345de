"""Documents: what is read is what was written; anything else is refused by its first wrong key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring import files
from mooring.config import document
from mooring.config.section import Strict
from mooring.errors import IntegrityError


class Part(Strict):
    number: float
    names: tuple[str, ...]


class Whole(Strict):
    parts: dict[str, Part]


WHAT, FIX = "is not a whole", "run 'dvc repro'"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_to_the_last_digit(number: float) -> None:
    whole = Whole(parts={"a": Part(number=number, names=("x", "y"))})
    read = document.parse(whole.model_dump_json().encode(), Whole, "here", WHAT)
    assert read == whole


@pytest.mark.parametrize(
    ("content", "expected", "got"),
    [
        ("{", "JSON", "EOF while parsing an object at line 1 column 1"),
        ("[]", "an object", "[]"),
        ("{}", "a value for this key", "parts = nothing"),
        ('{"parts": {}, "more": 1}', "no such key", "more = 1"),
        (
            '{"parts": {"a": {"number": "1", "names": []}}}',
            "a valid number",
            'parts.a.number = "1"',
        ),
    ],
)
def test_an_invalid_document_names_its_first_wrong_key(
    content: str, expected: str, got: str, tmp_path: Path
) -> None:
    path = tmp_path / "whole.json"
    files.write_text(path, content)
    with pytest.raises(IntegrityError) as caught:
        document.read(path, Whole, WHAT, FIX)
    assert str(caught.value) == (
        f"{path}: is not a whole\n  expected: {expected}\n  got: {got}\n  fix: run 'dvc repro'"
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError) as caught:
        document.read(tmp_path / "whole.json", Whole, WHAT, FIX)
    assert str(caught.value) == (
        f"{tmp_path}/whole.json: cannot be read\n"
        "  got: No such file or directory\n"
        "  fix: run 'dvc repro'"
    )
