"""Layers: who may import whom, read from the source of every module."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mooring.graph.closure import imported_modules

ROOT = Path(__file__).parents[2]
LIBRARY = sorted(path.relative_to(ROOT) for path in (ROOT / "mooring").rglob("*.py"))
STAGES = sorted(path.relative_to(ROOT) for path in (ROOT / "stages").glob("*.py"))
TREES = {path: ast.parse((ROOT / path).read_text()) for path in [*LIBRARY, *STAGES]}
LATE = (
    *("mooring.search.run", "mooring.models.converter", "mooring.commands."),
    *("stages.", "mooring.serving."),
)
SERVED = ("errors", "config", "features", "profiles", "files", "models.compiled", "models.session")
LOADED_CHECK = """
import sys
import {module}
print(" ".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def name_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def outside(tree: ast.AST) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def importers(package: str) -> set[str]:
    return {path.as_posix() for path, tree in TREES.items() if package in outside(tree)}


def own_imports() -> dict[str, set[str]]:
    """Return the modules of ours that each module imports, but for the packages that hold them."""
    names = {name_of(path) for path in TREES}
    graph = {}
    for path, tree in TREES.items():
        name = name_of(path)
        graph[name] = {
            other
            for other in imported_modules(tree)
            if other in names
            and other != name
            and (ROOT / Path(*other.split("."))).is_dir() is False
        }
    return graph


@pytest.mark.parametrize("path", LIBRARY, ids=str)
def test_the_library_imports_neither_stages_nor_bentos(path: Path) -> None:
    assert not outside(TREES[path]) & {"stages", "bentos", "tests", "benchmarks"}


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("hydra", {"mooring/composition/compose.py"}),
        ("optuna", {"mooring/search/study.py", "mooring/search/trials.py"}),
        ("skops", {"mooring/models/saved.py"}),
        ("skl2onnx", {"mooring/models/converter.py"}),
    ],
)
def test_a_package_has_one_importer(package: str, allowed: set[str]) -> None:
    assert importers(package) == allowed


def test_only_profiles_imports_whylogs() -> None:
    found = importers("whylogs") | importers("whylogs_sketching")
    assert found
    assert all(path.startswith("mooring/profiles/") for path in found)


def test_only_git_runs_git() -> None:
    found = [
        path.as_posix()
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.List)
        and node.elts
        and isinstance(node.elts[0], ast.Constant)
        and node.elts[0].value == "git"
    ]
    assert set(found) <= {"mooring/git.py"}
    assert not importers("git") | importers("scmrepo") | importers("pygit2") | importers("dulwich")


@pytest.mark.parametrize("package", ["requests", "httpx", "urllib", "http", "aiohttp", "socket"])
def test_http_leaves_from_the_listed_rooms_alone(package: str) -> None:
    allowed = ("mooring/forge/", "mooring/alerts/sending/", "mooring/replay/traffic/")
    assert [path for path in importers(package) if not path.startswith(allowed)] == []


@pytest.mark.parametrize(
    ("room", "allowed"),
    [
        ("errors", set()),
        ("config", {"errors", "config"}),
        ("files", {"errors"}),
        ("features", {"errors", "files", "config", "features"}),
        ("metrics", {"errors", "files", "config", "metrics"}),
    ],
)
def test_lower_rooms_import_only_lower_rooms(room: str, allowed: set[str]) -> None:
    found = {
        other.split(".")[1]
        for name, others in own_imports().items()
        if name.split(".")[1:2] == [room]
        for other in others
    }
    assert found <= allowed


@pytest.mark.parametrize("room", ["features", "models", "metrics", "profiles", "data", "config"])
def test_the_core_does_not_know_who_calls_it(room: str) -> None:
    above = {"compose", "cli", "commands", "pipeline_file", "doctor", "git"}
    for name, others in own_imports().items():
        if name.split(".")[1:2] == [room]:
            assert not {other.split(".")[1] for other in others} & above, name


def test_modules_import_each_other_in_no_circle() -> None:
    graph, state = own_imports(), dict[str, str]()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert state.get(name) != "open", " -> ".join((*path, name))
        if name in state:
            return
        state[name] = "open"
        for other in sorted(graph.get(name, ())):
            visit(other, (*path, name))
        state[name] = "done"

    for name in graph:
        visit(name, ())
    assert len(state) > 50


@pytest.mark.parametrize("path", TREES, ids=str)
def test_imports_stand_at_the_top_and_are_absolute(path: Path) -> None:
    late = [
        node
        for function in ast.walk(TREES[path])
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    relative = [n for n in ast.walk(TREES[path]) if isinstance(n, ast.ImportFrom) and n.level]
    assert late + relative == []


def late_imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
            "import_module",
            "__import__",
        ):
            argument = node.args[0]
            if isinstance(argument, ast.JoinedStr):
                argument = argument.values[0]
            yield str(argument.value) if isinstance(argument, ast.Constant) else "a variable"


def test_late_imports_are_the_listed_ones() -> None:
    found = {
        (path.as_posix(), name)
        for path, tree in TREES.items()
        for name in late_imports(tree)
        if not name.startswith(LATE)
    }
    # An estimator is imported by its path, which conf/model's pattern holds inside scikit-learn.
    # The package stage sets where BentoML keeps its store before BentoML is imported.
    assert found == {
        ("mooring/models/pipeline.py", "a variable"),
        ("mooring/bento/building.py", "bentoml"),
    }


def test_packages_hold_no_code() -> None:
    inits = [path for path in LIBRARY if path.name == "__init__.py" and len(path.parts) > 2]
    assert inits
    for path in inits:  # but for a docstring
        assert all(isinstance(node, ast.Expr) for node in TREES[path].body), path


def test_only_stages_and_commands_load_sections() -> None:
    """Else a section could be read by a stage whose source does not show it."""
    allowed = ("mooring/commands/", "mooring/config/")
    found = [
        path.as_posix()
        for path in LIBRARY
        if "mooring.config.load" in imported_modules(TREES[path])
        and not path.as_posix().startswith(allowed)
    ]
    assert found == [
        "mooring/composition/compose.py"
    ]  # which looks at the whole of params.yaml, not at a section


def loaded(module: str) -> set[str]:
    """Return the top-level packages that importing a module brings in, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED_CHECK.format(module=module)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "mooring.bento.compiled",
        "mooring.features.derivation",
        "mooring.features.spec",
        "mooring.config.load",
        "mooring.files",
        "mooring.errors",
    ],
)
def test_what_serves_starts_without_training_packages(module: str) -> None:
    heavy = {
        "sklearn",
        "hydra",
        "pandas",
        "scipy",
        "optuna",
        "dvc",
        "whylogs",
        "onnx",
        "matplotlib",
    }
    assert not loaded(module) & heavy


@pytest.mark.parametrize(
    "module", ["mooring.cli", "stages.search", "stages.__main__", "stages.split"]
)
def test_what_every_run_pays_for_stays_light(module: str) -> None:
    assert not loaded(module) & {"sklearn", "optuna", "whylogs", "onnx", "dvc", "hydra"}


def test_a_bento_sees_only_what_serving_needs() -> None:
    allowed = {"config", "errors", "features", "files", "models", "parent", "profiles", "records"}
    for path in (ROOT / "bentos").rglob("*.py"):
        found = {
            name.split(".")[1]
            for name in imported_modules(ast.parse(path.read_text()))
            if name.startswith("mooring.")
        }
        assert found <= allowed, path


def test_a_server_is_ready_without_what_only_some_requests_need() -> None:
    heavy = {"sklearn", "scipy", "pandas", "pyarrow", "whylogs", "onnx", "matplotlib", "s3fs"}
    assert not loaded("mooring.serving.http.front") & heavy


def test_the_closure_of_what_serves_is_within_its_rooms() -> None:
    graph = own_imports()
    waiting, found = ["mooring.bento.compiled"], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph[name]
    rooms = {name.removeprefix("mooring.") for name in found}
    assert all(room.startswith(SERVED) for room in rooms)
