"""Sizes and names: a module that outgrows its room is split by meaning."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = sorted(path.relative_to(ROOT) for path in (ROOT / "mooring").rglob("*.py"))
STAGES = sorted(path.relative_to(ROOT) for path in (ROOT / "stages").glob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}


def test_there_is_something_to_measure() -> None:
    assert len(LIBRARY) > 50
    assert len(STAGES) > 10


@pytest.mark.parametrize("path", [*LIBRARY, *STAGES], ids=str)
def test_modules_and_functions_are_small(path: Path) -> None:
    text = (ROOT / path).read_text()
    assert len(text.splitlines()) <= (60 if path in STAGES else 250)
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 40
    ]
    assert long == []


@pytest.mark.parametrize("path", [*LIBRARY, *STAGES], ids=str)
def test_names_say_what_is_inside(path: Path) -> None:
    assert not {part.strip("_") for part in path.with_suffix("").parts} & VAGUE


@pytest.mark.parametrize("path", [*LIBRARY, *STAGES], ids=str)
def test_modules_say_their_one_job(path: Path) -> None:
    text = (ROOT / path).read_text()
    assert not text or ast.get_docstring(ast.parse(text))
