"""Names: a module or a public class can be told from any other by its name alone."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARY = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / "mooring").rglob("*.py")
    if path.name != "__init__.py" and "hydra_plugins" not in path.parts
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
