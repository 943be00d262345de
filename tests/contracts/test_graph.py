"""The graph: dvc.yaml is true about what its stages use, read and write."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from mooring.config.project import Project
from mooring.diagnosis import pinning
from mooring.graph import pipeline_file
from mooring.graph.closure import closure, stage_closure

ROOT = Path(__file__).parents[2]
STAGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def paths(entries: list[Any]) -> list[str]:
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def outs(stage: dict[str, Any]) -> list[str]:
    return [path for key in ("outs", "metrics", "plots") for path in paths(stage.get(key, []))]


def test_dvc_yaml_names_what_its_stages_use() -> None:
    assert pipeline_file.rewritten(ROOT)[1] == []


def test_every_stage_has_a_module_and_every_module_a_stage_once_it_is_needed() -> None:
    modules = {path.stem for path in (ROOT / "stages").glob("*.py")} - {"__init__", "__main__"}
    assert set(STAGES) | {pinning.STAGE} == modules


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_run_so_that_it_dies_with_dvc(name: str) -> None:
    assert STAGES[name]["cmd"] == f"exec python -m stages {name}"


def test_code_is_a_parameter_of_every_stage_and_a_dependency_of_one() -> None:
    for name, stage in STAGES.items():
        keys = [entry for entry in stage.get("params", []) if not isinstance(entry, str)]
        assert keys == ([] if name == "code" else [{"code.yaml": [name]}])
        if name != "code":
            assert not [dep for dep in stage["deps"] if dep.endswith((".py", ".j2", ".css"))]


def test_no_digest_misses_a_text_that_a_stage_reads() -> None:
    """Docstrings are not in a digest, so nothing that a stage makes may be made of them."""
    reading = {"__doc__", "getdoc", "getsource", "model_json_schema", "json_schema"}
    packed = closure("bentos.scorer.service", root=ROOT).files  # copied, and hashed, as bytes
    for stage in STAGES:
        for name, path in stage_closure(stage, ROOT).files.items():
            if name.endswith(".py") and name not in packed:
                names = {
                    getattr(node, "attr", getattr(node, "id", ""))
                    for node in ast.walk(ast.parse(path.read_bytes()))
                }
                assert not names & reading, name


def test_every_section_is_used_by_a_stage_but_for_what_only_commands_read() -> None:
    used = {
        section
        for stage in STAGES.values()
        for section in stage.get("params", [])
        if isinstance(section, str)
    }
    assert set(Project.model_fields) - used == {"alerts"}
    commands = [path.read_text() for path in (ROOT / "mooring/commands").glob("*.py")]
    assert any("load(Alerts)" in text for text in commands)


def test_every_dependency_is_an_output_or_a_source() -> None:
    written = {out for stage in STAGES.values() for out in outs(stage)}
    for name, stage in STAGES.items():
        for dep in paths(stage["deps"]):
            made = any(dep == out or dep.startswith(f"{out}/") for out in written)
            assert made or (ROOT / dep).exists(), f"{name}: {dep}"


def test_nothing_is_written_twice() -> None:
    written = [out for stage in STAGES.values() for out in outs(stage)]
    assert len(written) == len(set(written))
    assert not [a for a in written for b in written if a != b and a.startswith(f"{b}/")]


def test_git_holds_only_what_is_small() -> None:
    uncached = {
        next(iter(entry))
        for stage in STAGES.values()
        for key in ("outs", "metrics", "plots")
        for entry in stage.get(key, [])
        if isinstance(entry, dict) and next(iter(entry.values())).get("cache") is False
    }
    assert uncached == {
        "code.yaml",
        "params.yaml",
        "reports/gate.json",
        "reports/metrics.json",
        "reports/model_card.md",
    }


@pytest.mark.parametrize("name", sorted(set(STAGES) - {"code", "compose"}))
def test_a_stage_s_source_names_what_it_reads_and_writes(name: str) -> None:
    """Every path below data/, models/ and reports/ in a stage's source is declared, or holds one that is."""
    stage = STAGES[name]
    declared = [*paths(stage["deps"]), *outs(stage)]
    tree = ast.parse((ROOT / "stages" / f"{name}.py").read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    named = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and node.value.startswith(("data/", "models/", "reports/", "argo/", "params.yaml"))
    }
    for path in named:
        near = [
            d for d in declared if d == path or d.startswith(f"{path}/") or path.startswith(f"{d}/")
        ]
        assert near, path
