"""Closures: every form of import is followed, in the repository and in the installed library."""

import ast
import shutil
from pathlib import Path

import pytest

from mooring.errors import IntegrityError
from mooring.graph.closure import (
    LIBRARY,
    closure,
    imported_modules,
    stage_closure,
    stage_sections,
)
from mooring.graph.code import stages
from tests.support.imports import reached
from tests.support.project import ROOT

WRITTEN = {
    "mooring/__init__.py": '"""The library."""\n',
    "mooring/a.py": "from mooring.room import b\nPAGE = 'page.html.j2'\nSTYLE = 'no.css'\n",
    "mooring/page.html.j2": "",
    "mooring/room/__init__.py": '"""A room."""\nimport os\n',
    "mooring/room/b.py": "import os, mooring.c, yaml.nodes\nfrom ..late import x\n",
    "mooring/c.py": "from importlib import import_module\nimport_module('mooring.late')\n",
    "mooring/late.py": "import mooring.a  # a circle\n",
    "mooring/unused.py": "",
    "stages/__init__.py": "",
    "stages/__main__.py": "import stages\n",
    "stages/one.py": (
        "from mooring import a\nfrom mooring.config import load, Model\nimport own.columns\n"
        "load(Model), load(Data), other(Late), yaml.load(No), load()\n"
    ),
    "mooring/config.py": "",
    "own/columns.py": "import numpy as np\nfrom . import beside\nfrom .beside import name\n",
    "own/beside.py": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small repository with one stage, and a package of its owner's."""
    for name, text in WRITTEN.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_stage_is_made_of_all_that_it_imports(root: Path) -> None:
    found = stage_closure("one", root)
    assert list(found.files) == [
        "mooring/a.py",
        "mooring/c.py",
        "mooring/config.py",
        "mooring/late.py",
        "mooring/page.html.j2",
        "mooring/room/__init__.py",
        "mooring/room/b.py",
        "own/beside.py",
        "own/columns.py",
        "stages/__main__.py",
        "stages/one.py",
    ]
    assert found.files["own/beside.py"] == root / "own/beside.py"
    assert found.packages == {"importlib", "numpy", "os", "yaml"}


def test_a_repository_without_mooring_uses_the_installed_one(root: Path) -> None:
    shutil.rmtree(root / "mooring")
    (root / "stages/one.py").write_text("from mooring import files\n")
    assert stage_closure("one", root).files == {
        "mooring/__init__.py": LIBRARY / "mooring/__init__.py",
        "mooring/errors.py": LIBRARY / "mooring/errors.py",
        "mooring/files.py": LIBRARY / "mooring/files.py",
        "stages/__main__.py": root / "stages/__main__.py",
        "stages/one.py": root / "stages/one.py",
    }


def test_without_a_repository_only_mooring_is_our_own(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    found = closure("mooring.errors", "tests.conftest", "stages.code", root=None)
    assert found.files == {"mooring/errors.py": LIBRARY / "mooring/errors.py"}
    assert found.packages == {"tests", "stages"}


def test_a_file_that_is_not_python_is_named(root: Path) -> None:
    (root / "mooring/late.py").write_text("x = 1\ny = = 2\n")
    with pytest.raises(IntegrityError) as caught:
        stage_closure("one", root)
    assert str(caught.value) == (
        f"{root}/mooring/late.py:2: is not Python\n  got: invalid syntax\n  fix: correct the file"
    )


def test_sections_are_those_that_are_loaded(root: Path) -> None:
    assert stage_sections("one", root) == ["data", "model"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import mooring.x.y", {"mooring", "mooring.x", "mooring.x.y"}),
        ("import mooring.x as z, os.path", {"mooring", "mooring.x", "os", "os.path"}),
        ("from mooring.x import y", {"mooring", "mooring.x", "mooring.x.y"}),
        ("from mooring import x as z", {"mooring", "mooring.x"}),
        ("from . import x", {".", ".x"}),
        ("from ..x import y", {"..x", "..x.y"}),
        ("def f():\n    from mooring.x import y", {"mooring", "mooring.x", "mooring.x.y"}),
        ("if TYPE_CHECKING:\n    import mooring.x", {"mooring", "mooring.x"}),
        ("import_module('mooring.x')", {"mooring", "mooring.x"}),
        ("importlib.import_module('stages.x').main()", {"stages", "stages.x"}),
        ("import_module(f'mooring.{name}')", set()),
        ("import_module()", set()),
    ],
)
def test_every_form_of_import_is_seen(source: str, expected: set[str]) -> None:
    assert set(imported_modules(ast.parse(source))) == expected


@pytest.mark.parametrize("stage", stages(ROOT))
def test_a_stage_s_modules_are_those_that_its_bytecode_reaches(stage: str) -> None:
    modules = {name for name in stage_closure(stage, ROOT).files if name.endswith(".py")}
    assert modules == reached("stages.__main__", f"stages.{stage}", root=ROOT)
