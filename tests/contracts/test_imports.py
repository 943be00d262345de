"""What a stage imports when it runs is in the digest of its code."""

import ast
from pathlib import Path

import pytest

from mooring.graph.closure import stage_closure
from mooring.graph.code import keyed
from tests.support.graph import copy_project
from tests.support.recorder import RECORDER

ROOT = Path(__file__).parents[2]
RAN = [stage for stage in keyed(ROOT) if stage != "drift"]


def missing(stage: str, imported: str) -> set[str]:
    """Return what was imported but is not in the digest, but for packages that are a docstring at most."""
    lacking = set(imported.splitlines()) - set(stage_closure(stage, ROOT).files)
    return {path for path in lacking if not path.endswith("/__init__.py") or code(path)}


def code(path: str) -> list[ast.stmt]:
    tree = ast.parse((ROOT / path).read_text())
    return tree.body[1:] if ast.get_docstring(tree) else tree.body


@pytest.mark.parametrize("stage", RAN)
def test_a_stage_imports_only_what_its_digest_holds(stage, first_run):
    imported = (first_run / "imports" / stage).read_text()
    assert f"stages/{stage}.py" in imported.splitlines()
    assert missing(stage, imported) == set()


def test_a_search_imports_only_what_its_digest_holds(reproduced, tmp_path):
    project = copy_project(reproduced, tmp_path)
    project.edit("conf/config.yaml", "search: none", "search: tpe")
    project.edit("conf/search/tpe.yaml", "n_trials: 20", "n_trials: 2")
    project.mooring("compose")
    (tmp_path / "sitecustomize.py").write_text(RECORDER)
    project.run("python", "-m", "stages", "search", PYTHONPATH=str(tmp_path), IMPORTS=str(tmp_path))
    imported = (tmp_path / "search").read_text()
    assert "mooring/search/study.py" in imported.splitlines()
    assert missing("search", imported) == set()
