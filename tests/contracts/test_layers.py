"""Layers: one table of rooms, lowest first, and who may import whom, read from each module's source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mooring
from mooring.graph.closure import imported_modules

ROOT = Path(__file__).parents[2]
LIBRARY = sorted(path.relative_to(ROOT) for path in (ROOT / "mooring").rglob("*.py"))
STAGES = sorted(path.relative_to(ROOT) for path in (ROOT / "stages").glob("*.py"))
BENTOS = sorted(path.relative_to(ROOT) for path in (ROOT / "bentos").rglob("*.py"))
TREES = {path: ast.parse((ROOT / path).read_text()) for path in [*LIBRARY, *STAGES, *BENTOS]}
ROOMS = (
    *("errors", "machine", "files", "git", "days"),
    *("config", "features", "metrics", "graph", "composition"),
    *("data.engines", "data.sources", "data"),
    *("release", "bento", "models", "search", "evaluation"),
    *("profiles", "records", "replay"),
    *("drift", "outcomes", "ab", "evidence", "diagnosis"),
    *("reports.kit", "reports.training", "reports.drift", "reports"),
    *("alerts", "alerts.sending", "manifests"),
    *("serving.problems", "serving.proof", "serving.telemetry", "serving.reading"),
    *("serving.scored", "serving.recording", "serving.scoring", "serving.http", "serving"),
    *("option_types", "doctor", "commands", "cli", "__main__"),
)
"""Lowest first: a room imports itself and those before it. `serving` is what lies beside its parts."""
SERVING_SEES = {"config", "errors", "files", "features", "bento", "profiles", "records", "days"}
LATE = (
    *("mooring.search.run", "mooring.models.converter", "mooring.commands."),
    *("stages.", "bentos.scorer.", "mooring.serving."),
)
LOADED_CHECK = """
import sys
import {module}
print(" ".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def name_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """Return the longest entry of the table that holds a module of the library."""
    inside = module.removeprefix("mooring.")
    held = [room for room in ROOMS if f"{inside}.".startswith(f"{room}.")]
    assert held, f"{module} is in no room of the table"
    return max(held, key=len)


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
    return {
        name_of(path): {
            other
            for other in imported_modules(tree)
            if other in names
            and other != name_of(path)
            and not (ROOT / Path(*other.split("."))).is_dir()
        }
        for path, tree in TREES.items()
    }


IMPORTS = own_imports()


def test_every_module_of_the_library_is_in_a_room_and_every_room_has_one() -> None:
    modules = [name_of(path) for path in LIBRARY if path != Path("mooring/__init__.py")]
    assert {room_of(module) for module in modules} == set(ROOMS)


def test_a_room_imports_only_rooms_before_it() -> None:
    order = {room: at for at, room in enumerate(ROOMS)}
    wrong = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        if name.startswith("mooring.")
        for other in others
        if order[room_of(other)] > order[room_of(name)]
    ]
    assert wrong == []


def test_the_map_in_the_library_shows_its_rooms() -> None:
    assert mooring.__doc__ is not None
    drawn = set(re.findall(r"\b(\w+)/", mooring.__doc__.partition("loop:")[2])) - {"conf", "argo"}
    folders = {path.name for path in (ROOT / "mooring").rglob("*") if is_room(path)}
    assert drawn == folders
    loose = {path.stem for path in (ROOT / "mooring").glob("*.py")} - {"__init__", "__main__"}
    assert all(re.search(rf"\b{name}\b", mooring.__doc__) for name in loose)


def is_room(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*.py")) and path.name != "hydra_plugins"


@pytest.mark.parametrize("path", LIBRARY, ids=str)
def test_the_library_imports_neither_stages_nor_bentos(path: Path) -> None:
    assert not outside(TREES[path]) & {"stages", "bentos", "tests", "benchmarks"}


def test_serving_sees_nothing_that_trains() -> None:
    seen = {
        room_of(other).partition(".")[0]
        for name, others in IMPORTS.items()
        if name.startswith("mooring.serving.")
        for other in others
    }
    assert seen - {"serving"} <= SERVING_SEES


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
    allowed: tuple[str, ...] = ("mooring/alerts/sending/", "mooring/replay/traffic/")
    if package == "socket":  # a part in the store bears its writer's host name
        allowed = (*allowed, "mooring/serving/recording/writer.py")
    assert [path for path in importers(package) if not path.startswith(allowed)] == []


def test_modules_import_each_other_in_no_circle() -> None:
    state: dict[str, str] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert state.get(name) != "open", " -> ".join((*path, name))
        if name in state:
            return
        state[name] = "open"
        for other in sorted(IMPORTS[name]):
            visit(other, (*path, name))
        state[name] = "done"

    for name in IMPORTS:
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
    # A server has trace headers only where OpenTelemetry is installed.
    # Doctor reads DVC's settings, and must start where DVC is broken.
    tracing = "mooring/serving/telemetry/tracing.py"
    assert found == {
        (tracing, "opentelemetry.trace"),
        (tracing, "opentelemetry.trace.propagation.tracecontext"),
        ("mooring/models/pipeline.py", "a variable"),
        ("mooring/bento/building.py", "bentoml"),
        ("mooring/graph/settings.py", "dvc.config"),
        ("mooring/graph/settings.py", "voluptuous"),
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


def test_a_server_is_ready_without_what_only_some_requests_need() -> None:
    heavy = {"sklearn", "scipy", "pandas", "pyarrow", "whylogs", "onnx", "matplotlib", "s3fs"}
    assert not loaded("mooring.serving.http.front") & heavy


def test_the_closure_of_what_serves_is_within_its_rooms() -> None:
    waiting, found = ["mooring.serving.scoring.predictor", "mooring.bento.sealed"], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += IMPORTS[name]
    assert {room_of(name).partition(".")[0] for name in found} <= SERVING_SEES | {"serving"}
