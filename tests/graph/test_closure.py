"""Closures: every form of import is followed, and dvc.yaml's lists are made from them."""

import ast
from pathlib import Path

import pytest

from mooring.graph import pipeline_file
from mooring.graph.closure import imported_modules, stage_modules, stage_sections


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small repository with one stage."""
    written = {
        "mooring/__init__.py": '"""The library."""\n',
        "mooring/a.py": "from mooring.room import b\nPAGE = 'page.html.j2'\nSTYLE = 'no.css'\n",
        "mooring/page.html.j2": "",
        "mooring/room/__init__.py": '"""A room."""\nimport os\n',
        "mooring/room/b.py": "import os, mooring.c\n",
        "mooring/c.py": "from importlib import import_module\nimport_module('mooring.late')\n",
        "mooring/late.py": "import mooring.a  # a circle\n",
        "mooring/unused.py": "",
        "stages/__init__.py": "",
        "stages/__main__.py": "import stages\n",
        "stages/one.py": (
            "from mooring import a\nfrom mooring.config import load, Model\n"
            "load(Model), load(Data), other(Late), yaml.load(No), load()\n"
        ),
        "mooring/config.py": "",
    }
    for name, text in written.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_stage_is_made_of_all_that_it_imports(root: Path) -> None:
    assert stage_modules("one", root) == [
        "mooring/a.py",
        "mooring/c.py",
        "mooring/config.py",
        "mooring/late.py",
        "mooring/page.html.j2",
        "mooring/room/__init__.py",
        "mooring/room/b.py",
        "stages/__main__.py",
        "stages/one.py",
    ]


def test_sections_are_those_that_are_loaded(root: Path) -> None:
    assert stage_sections("one", root) == ["data", "model"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import mooring.x.y", {"mooring", "mooring.x", "mooring.x.y"}),
        ("import mooring.x as z, os.path", {"mooring", "mooring.x"}),
        ("from mooring.x import y", {"mooring", "mooring.x", "mooring.x.y"}),
        ("from mooring import x as z", {"mooring", "mooring.x"}),
        ("def f():\n    from mooring.x import y", {"mooring", "mooring.x", "mooring.x.y"}),
        ("if TYPE_CHECKING:\n    import mooring.x", {"mooring", "mooring.x"}),
        ("import_module('mooring.x')", {"mooring", "mooring.x"}),
        ("importlib.import_module('stages.x').main()", {"stages", "stages.x"}),
        ("import_module(f'mooring.{name}')", set()),
        ("import_module()", set()),
        ("from numpy import mooring", set()),
        ("import mooringlike", set()),
    ],
)
def test_every_form_of_import_is_seen(source: str, expected: set[str]) -> None:
    assert set(imported_modules(ast.parse(source))) == expected


def test_dvc_yaml_is_rewritten_and_says_what_changed(root: Path) -> None:
    (root / "dvc.yaml").write_text(
        "# kept\nstages:\n  one:\n    cmd: x\n    deps:\n      - data/raw # kept too\n"
        "      - mooring/gone.py\n    params:\n      - data\n    outs:\n      - out\n"
    )
    document, lines = pipeline_file.rewritten(root)
    assert "one: deps lacks mooring/a.py" in lines
    assert "one: deps has mooring/gone.py, which the stage does not use" in lines
    assert "one: params lacks model" in lines
    pipeline_file.write(document, root)
    text = (root / "dvc.yaml").read_text()
    assert text.startswith("# kept\nstages:\n  one:\n    cmd: x\n    deps:\n      - data/raw")
    assert "      - mooring/page.html.j2\n" in text
    assert "gone" not in text
    assert pipeline_file.rewritten(root)[1] == []


def test_lists_in_another_order_are_named(root: Path) -> None:
    (root / "dvc.yaml").write_text("stages:\n  one:\n    cmd: x\n")
    document, _ = pipeline_file.rewritten(root)
    document["stages"]["one"]["params"].reverse()
    pipeline_file.write(document, root)
    assert pipeline_file.rewritten(root)[1] == ["one: params is in another order"]
