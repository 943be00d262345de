"""Sizes and names: a module that outgrows its room is split by meaning."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = sorted(path.relative_to(ROOT) for path in (ROOT / "mooring").rglob("*.py"))
STAGES = sorted(path.relative_to(ROOT) for path in (ROOT / "stages").glob("*.py"))
BENTOS = sorted(path.relative_to(ROOT) for path in (ROOT / "bentos").rglob("*.py"))
PRODUCT = [*LIBRARY, *STAGES, *BENTOS]
LIMITS = {"stages": 60, "mooring/commands": 80, "bentos": 120, "mooring": 250}
"""Lines of a module, by the first folder that holds it."""
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}


def test_there_is_something_to_measure() -> None:
    assert len(LIBRARY) > 50
    assert len(STAGES) > 10
    assert len(BENTOS) > 1


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_modules_and_functions_are_small(path: Path) -> None:
    text = (ROOT / path).read_text()
    folders = [folder for folder in LIMITS if path.as_posix().startswith(f"{folder}/")]
    assert len(text.splitlines()) <= LIMITS[folders[0]]
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 40
    ]
    assert long == []


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_names_say_what_is_inside(path: Path) -> None:
    assert not {part.strip("_") for part in path.with_suffix("").parts} & VAGUE


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_modules_say_their_one_job(path: Path) -> None:
    text = (ROOT / path).read_text()
    assert not text or ast.get_docstring(ast.parse(text))
