"""Find what code is made of: the modules that it imports, the templates these name, and its packages.

DVC does not follow Python's imports: an edited library module would leave a stage "up to date". The
source is read, not run. Our own modules are in the repository; if it has no mooring/, that is the
installed library. A package's __init__.py that holds no code is left out: nothing depends on it.
"""

import ast
from dataclasses import dataclass
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import mooring
from mooring.errors import IntegrityError
from mooring.graph.syntax import is_text

ENTRY = "stages.__main__"
ATTACHMENTS = (".j2", ".css")
LIBRARY = Path(mooring.__file__).parents[1]
"""The directory from which this process imports mooring."""


@dataclass(frozen=True)
class Closure:
    """Everything that some modules are made of."""

    files: dict[str, Path]
    """The location of each file, by its path from the directory that Python imports it from, sorted."""
    packages: frozenset[str]
    """The top-level names that are imported from elsewhere, the standard library's too."""


def closure(*modules: str, root: Path | None = Path()) -> Closure:
    """Return what `modules` are made of; without `root`, this process's mooring alone is our own.

    Raises IntegrityError naming a file that is not Python.
    """
    files: dict[str, Path] = {}
    packages: set[str] = set()
    waiting, reached = list(modules), set(modules)
    while waiting:
        module = waiting.pop()
        name = _name_of(module, root)
        if name is None:
            packages.add(module.partition(".")[0])
            continue
        path = _base(module, root) / name
        source = _read(path)
        if source.holds_code or path.name != "__init__.py":
            files |= _with_attachments(name, path, source)
            package = ".".join(Path(name).parent.parts)
            unread = {resolve_name(imported, package) for imported in source.imports} - reached
            waiting += unread
            reached |= unread
    ours = {Path(name).parts[0].removesuffix(".py") for name in files}
    return Closure(dict(sorted(files.items())), frozenset(packages - ours))


def stage_closure(stage: str, root: Path = Path()) -> Closure:
    """Return what stage `stage` is made of."""
    return closure(ENTRY, f"stages.{stage}", root=root)


def stage_sections(stage: str, root: Path = Path()) -> list[str]:
    """Return the sections of params.yaml that stage `stage` loads, sorted."""
    tree = ast.parse((root / "stages" / f"{stage}.py").read_bytes())
    return sorted(
        call.args[0].id.lower()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "load"
        and call.args
        and isinstance(call.args[0], ast.Name)
    )


def imported_modules(tree: ast.AST) -> list[str]:
    """Return the modules that a module imports, with the packages that hold them."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            dot = "." if node.module else ""
            names += [module, *(f"{module}{dot}{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call) and _called(node) == "import_module":
            names += [str(text.value) for text in node.args[:1] if isinstance(text, ast.Constant)]
    return [part for name in names for part in _with_packages(name)]


@dataclass(frozen=True)
class _Source:
    imports: tuple[str, ...]
    attachments: tuple[str, ...]
    holds_code: bool


def _read(path: Path) -> _Source:
    try:
        return _parsed(path.read_bytes())
    except SyntaxError as error:
        raise IntegrityError(
            "is not Python",
            where=f"{path}:{error.lineno}",
            got=error.msg,
            fix="correct the file",
        ) from error


@cache
def _parsed(source: bytes) -> _Source:
    tree = ast.parse(source)
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return _Source(
        tuple(dict.fromkeys(imported_modules(tree))),
        tuple(sorted(text for text in texts if text.endswith(ATTACHMENTS))),
        holds_code=not all(is_text(node) for node in tree.body),
    )


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _with_attachments(name: str, path: Path, source: _Source) -> dict[str, Path]:
    """Return a module and the templates beside it that it names in a string."""
    beside = {
        (Path(name).parent / attachment).as_posix(): path.parent / attachment
        for attachment in source.attachments
        if (path.parent / attachment).is_file()
    }
    return {name: path} | beside


def _with_packages(name: str) -> list[str]:
    """Return a.b.c as a, a.b and a.b.c: importing a module runs the packages that hold it."""
    start = len(name) - len(name.lstrip("."))
    parts = name[start:].split(".")
    return [name[:start] + ".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def _base(module: str, root: Path | None) -> Path:
    if root is None or (module.partition(".")[0] == "mooring" and not (root / "mooring").is_dir()):
        return LIBRARY
    return root


def _name_of(module: str, root: Path | None) -> str | None:
    """Return the file of a module of our own, by its path from where it is imported; else None."""
    if root is None and module.partition(".")[0] != "mooring":
        return None
    stem = Path(*module.split("."))
    base = _base(module, root)
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if (base / path).is_file():
            return path.as_posix()
    return None
