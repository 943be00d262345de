"""Keep dvc.yaml current: each stage's params name its code and what it loads, stage code's deps all code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from mooring import files
from mooring.graph import code
from mooring.graph.closure import stage_closure, stage_sections
from mooring.graph.requirements import LOCK

DVC_YAML = Path("dvc.yaml")


def rewritten(
    root: Path = Path(), needed: Mapping[str, Any] | None = None
) -> tuple[Any, list[str]]:
    """Return dvc.yaml with its lists rewritten, and one line for each entry that was added or removed.

    Stages that are `needed`, by name, are added if they are missing.
    """
    document = _yaml().load((root / DVC_YAML).read_text(encoding="utf-8"))
    lines: list[str] = []
    for name, stage in (needed or {}).items():
        document["stages"].setdefault(name, stage)
    for name, stage in document["stages"].items():
        if name == code.STAGE:
            lines += _replace(name, stage, "deps", code_deps(root))
        else:
            key = {str(code.CODE): [name]}
            lines += _replace(name, stage, "params", [key, *stage_sections(name, root)])
    return document, lines


def code_deps(root: Path = Path()) -> list[str]:
    """Return what stage code depends on: the rooms of the repository that stages import, and the lock."""
    closures = [stage_closure(stage, root) for stage in code.stages(root)]
    sources = {(name, path) for made_of in closures for name, path in made_of.files.items()}
    rooms = {Path(name).parts[0] for name, path in sources if path == root / name}
    return [*sorted(rooms), str(LOCK)]


def write(document: Any, root: Path = Path()) -> None:
    """Write dvc.yaml."""
    with files.replacing(root / DVC_YAML) as temporary:
        _yaml().dump(document, temporary)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _replace(name: str, stage: Any, key: str, wanted: list[Any]) -> list[str]:
    current = list(stage.get(key, []))
    if current == wanted:
        return []
    stage[key] = CommentedSeq(wanted)
    stage[key].fa.set_flow_style()
    return [f"{name}: {key} lacks {_shown(entry)}" for entry in wanted if entry not in current] + [
        f"{name}: {key} has {_shown(entry)}, which the stage does not use"
        for entry in current
        if entry not in wanted
    ] or [f"{name}: {key} is in another order"]


def _shown(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    return "; ".join(f"{file}: {', '.join(keys)}" for file, keys in entry.items())
