"""dvc.yaml: its lists of params and of stage code's deps are made from what stages import and load."""

import shutil
from pathlib import Path

import pytest

from mooring.graph import pipeline_file

WRITTEN = """# kept
stages:
  code:
    cmd: x
    deps:
      - mooring
      - requirements.lock
  one:
    cmd: x
    deps:
      - data/raw # kept too
    params:
      - data
      - late
    outs: [out]
"""
REWRITTEN = """# kept
stages:
  code:
    cmd: x
    deps: [mooring, own.py, stages, requirements.lock]
  one:
    cmd: x
    deps:
      - data/raw # kept too
    params: [code.yaml: [one], data, model]
    outs: [out]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small repository with one stage."""
    written = {
        "dvc.yaml": WRITTEN,
        "mooring/a.py": "",
        "own.py": "",
        "stages/__main__.py": "",
        "stages/code.py": "import mooring.a\n",
        "stages/one.py": "import own\nload(Model), load(Data)\n",
    }
    for name, text in written.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_dvc_yaml_is_rewritten_and_says_what_changed(root: Path) -> None:
    document, lines = pipeline_file.rewritten(root)
    assert lines == [
        "code: deps lacks own.py",
        "code: deps lacks stages",
        "one: params lacks code.yaml: one",
        "one: params lacks model",
        "one: params has late, which the stage does not use",
    ]
    pipeline_file.write(document, root)
    assert (root / "dvc.yaml").read_text() == REWRITTEN
    assert pipeline_file.rewritten(root)[1] == []


def test_lists_in_another_order_are_named(root: Path) -> None:
    (root / "dvc.yaml").write_text(REWRITTEN.replace("data, model", "model, data"))
    assert pipeline_file.rewritten(root)[1] == ["one: params is in another order"]


def test_stage_code_depends_on_no_mooring_where_that_is_installed(root: Path) -> None:
    shutil.rmtree(root / "mooring")
    (root / "stages/one.py").write_text("import mooring.errors\n")
    assert pipeline_file.code_deps(root) == ["stages", "requirements.lock"]


def test_a_needed_stage_is_added_with_its_key(root: Path) -> None:
    (root / "stages/two.py").write_text("load(Gate)\n")
    document, lines = pipeline_file.rewritten(root, {"two": {"cmd": "y"}})
    assert document["stages"]["two"]["params"] == [{"code.yaml": ["two"]}, "gate"]
    assert lines[-2:] == ["two: params lacks code.yaml: two", "two: params lacks gate"]
