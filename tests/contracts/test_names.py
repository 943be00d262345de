"""Names: no other module or public class has the same one, and a local says what it holds."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARY = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / "mooring").rglob("*.py")
    if path.name != "__init__.py" and "hydra_plugins" not in path.parts
)
PRODUCT = sorted(
    path.relative_to(ROOT)
    for room in ("mooring", "stages", "bentos")
    for path in (ROOT / room).rglob("*.py")
)
DOORS = {"mooring/commands", "mooring/config"}
"""A command bears the name of what it calls, a section of conf/ that of what it sets."""
TWINS = (
    {"mooring/ab", "mooring/outcomes"},
    {"mooring/drift", "mooring/outcomes"},
    {"mooring/reports/drift", "mooring/reports/training"},
)
"""Rooms of one shape: what one has for two models or for rows, the other has for labels or for training."""
MODULES = {
    "calibration": "of outcomes, and its picture in a report",
    "card": "the facts that the train stage writes, and the page that shows them",
    "days": "the calendar's days for all rooms; in drift the days that are judged",
    "process": "what a process owes its machine; in serving the recording process",
    "store": "where profiles lie: the reference's in the repository, the server's in its store",
    "tables": "rows by bin: of outcomes, of profiles, and as a report shows them",
}
CLASSES = {
    "Figure": "what outcomes compute is what a report holds",
    "Finding": "of a check of the machine; of a measure of drift",
    "Part": "a file of a store; what a look at serving looks at, in a report",
}
VAGUE = {"each", "found", "known", "own", "seen", "told"}
MOST_LINES = 3
"""Lines of a function within which a vague name may be used: its meaning is in sight."""


def rooms_by_module() -> dict[str, set[str]]:
    found = defaultdict(set)
    for path in LIBRARY:
        found[path.stem].add(path.parent.as_posix())
    return found


def rooms_by_class() -> dict[str, set[str]]:
    found = defaultdict(set)
    for path in LIBRARY:
        for node in ast.parse((ROOT / path).read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                assert path.parent.as_posix() not in found[node.name], (
                    f"{node.name} twice in {path}"
                )
                found[node.name].add(path.parent.as_posix())
    return found


def clashes(rooms_by_name: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the rooms of each name that several have, unless they are twins."""
    return {
        name: rooms
        for name, rooms in rooms_by_name.items()
        if len(rooms) > 1 and not any(rooms <= twins for twins in TWINS)
    }


def test_modules_that_share_a_name_are_twins_or_listed_with_a_reason() -> None:
    modules = {name: rooms - DOORS for name, rooms in rooms_by_module().items()}
    assert clashes(modules).keys() == MODULES.keys()


def test_public_classes_that_share_a_name_are_twins_or_listed_with_a_reason() -> None:
    assert clashes(rooms_by_class()).keys() == CLASSES.keys()


def lines_by_local(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, list[int]]:
    """Return the lines that use each vague name which the function, or one inside it, binds."""
    lines, bound = defaultdict(list), set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in VAGUE:
            lines[node.id].append(node.lineno)
            if isinstance(node.ctx, ast.Store):
                bound.add(node.id)
        elif isinstance(node, ast.arg) and node.arg in VAGUE:
            lines[node.arg].append(node.lineno)
            bound.add(node.arg)
    return {name: lines[name] for name in bound}


def vague_locals(source: str) -> list[tuple[int, str, int]]:
    """Return first line, name and span of the vague names that are used over too many lines."""
    spans = {
        (min(lines), name, max(lines) - min(lines) + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for name, lines in lines_by_local(node).items()
    }
    return sorted(place for place in spans if place[-1] > MOST_LINES)


def test_locals_and_parameters_say_what_they_hold() -> None:
    vague = [
        f"{path}:{line} {name} {span}"
        for path in PRODUCT
        for line, name, span in vague_locals((ROOT / path).read_text())
    ]
    assert not vague, "\n".join(vague)


def test_a_vague_local_over_four_lines_is_reported() -> None:
    source = """\
async def read(told, path):
    found = open(path)
    for each in found:
        print(each)
    told.append(path)
    return [seen for seen in found]
"""
    assert vague_locals(source) == [(1, "told", 5), (2, "found", 5)]


def test_a_vague_local_within_three_lines_and_a_global_are_not_reported() -> None:
    source = """\
def read(path):
    found = open(path)
    lines = found.readlines()
    found.close()
    first = known(lines[0])
    second = known(lines[1])
    print(first, second)
    return known(lines[2])


def known(line):
    return line
"""
    assert vague_locals(source) == []
