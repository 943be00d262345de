"""What a module imports, read from its bytecode: a second opinion on mooring.graph.closure."""

import re
from collections.abc import Iterator
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path
from types import CodeType

LATE = re.compile(r'import_module\(\s*"([\w.]+)"')


def reached(*modules: str, root: Path) -> set[str]:
    """Return the files below root that running `modules` could import, but for packages without code."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        parts = waiting.pop().split(".")
        for n in range(1, len(parts) + 1):
            stem = root / Path(*parts[:n])
            for path in (stem.with_suffix(".py"), stem / "__init__.py"):
                if path.is_file() and path.relative_to(root).as_posix() not in found:
                    found.add(path.relative_to(root).as_posix())
                    waiting += _imports(path.read_text())
    return {name for name in found if not name.endswith("__init__.py") or _code(root / name)}


@cache
def _imports(source: str) -> tuple[str, ...]:
    return (*_scanned(compile(source, "", "exec")), *LATE.findall(source))


def _scanned(code: CodeType) -> Iterator[str]:
    for kind, what in ModuleFinder().scan_opcodes(code):
        if kind == "absolute_import":
            names, module = what
            yield module
            yield from (f"{module}.{name}" for name in names or ())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _scanned(constant)


def _code(path: Path) -> bool:
    """Whether a module does more than hold a docstring, by the size of what it compiles to."""
    return len(compile(path.read_text(), "", "exec", optimize=2).co_code) > len(
        compile("", "", "exec").co_code
    )
