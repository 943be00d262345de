"""Find what a stage's code depends on: the modules that it imports, and the sections that it loads.

DVC does not follow Python's imports: an edited library module would leave a stage "up to date". So
dvc.yaml lists every module, and this is where the lists come from. The source is read, not run. A
package's __init__.py that holds no code is left out: nothing depends on it, and DVC checks every file
of every stage on each run.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("mooring", "stages", "bentos")
ATTACHMENTS = (".j2", ".css")


def stage_modules(stage: str, root: Path = Path()) -> list[str]:
    """Return the files that stage `stage` is made of, as sorted paths relative to `root`."""
    return modules_of("stages.__main__", f"stages.{stage}", root=root)


def modules_of(*modules: str, root: Path = Path()) -> list[str]:
    """Return the files that `modules` are made of, as sorted paths relative to `root`."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        path = _path_of(waiting.pop(), root)
        if path is None or path in found:
            continue
        tree = ast.parse((root / path).read_text(encoding="utf-8"), path)
        if path.endswith("/__init__.py") and _holds_no_code(tree):
            continue
        found.add(path)
        found.update(_attachments(tree, Path(path), root))
        waiting += imported_modules(tree)
    return sorted(found)


def stage_sections(stage: str, root: Path = Path()) -> list[str]:
    """Return the sections of params.yaml that stage `stage` loads, sorted."""
    tree = ast.parse((root / "stages" / f"{stage}.py").read_text(encoding="utf-8"))
    return sorted(
        call.args[0].id.lower()
        for call in _calls(tree, "load")
        if call.args and isinstance(call.args[0], ast.Name)
    )


def imported_modules(tree: ast.AST) -> list[str]:
    """Return the modules of our own that a module imports, with the packages that hold them."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    for call in _calls(tree, "import_module"):
        if call.args and isinstance(call.args[0], ast.Constant):
            names.append(str(call.args[0].value))
    ours = [name for name in names if name.partition(".")[0] in ROOMS]
    return [".".join(name.split(".")[:n]) for name in ours for n in range(1, name.count(".") + 2)]


def _holds_no_code(tree: ast.Module) -> bool:
    return all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body
    )


def _calls(tree: ast.AST, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in (function, f"importlib.{function}"):
                yield node


def _path_of(module: str, root: Path) -> str | None:
    stem = Path(*module.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if (root / path).is_file():
            return path.as_posix()
    return None


def _attachments(tree: ast.AST, path: Path, root: Path) -> Iterator[str]:
    """Yield the templates beside a module that it names in a string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and str(node.value).endswith(ATTACHMENTS):
            beside = path.parent / str(node.value)
            if (root / beside).is_file():
                yield beside.as_posix()
