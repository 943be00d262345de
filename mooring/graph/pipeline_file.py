"""Keep dvc.yaml true: each stage's deps name the modules that it imports, its params what it loads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mooring import files
from mooring.graph.closure import ATTACHMENTS, ROOMS, stage_modules, stage_sections

DVC_YAML = Path("dvc.yaml")


def rewritten(
    root: Path = Path(), needed: Mapping[str, Any] | None = None
) -> tuple[Any, list[str]]:
    """Return dvc.yaml with its lists made anew, and one line for each entry that was added or removed.

    Stages that are `needed`, by name, are added where they are not there yet.
    """
    document = _yaml().load((root / DVC_YAML).read_text(encoding="utf-8"))
    lines: list[str] = []
    for name, stage in (needed or {}).items():
        document["stages"].setdefault(name, stage)
    for name, stage in document["stages"].items():
        data = [dep for dep in stage.get("deps", []) if not _is_code(dep)]
        lines += _replace(name, stage, "deps", data + stage_modules(name, root))
        lines += _replace(name, stage, "params", stage_sections(name, root))
    return document, lines


def write(document: Any, root: Path = Path()) -> None:
    """Write dvc.yaml."""
    with files.replacing(root / DVC_YAML) as temporary:
        _yaml().dump(document, temporary)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _is_code(dep: str) -> bool:
    return dep.partition("/")[0] in ROOMS and dep.endswith((".py", *ATTACHMENTS))


def _replace(name: str, stage: Any, key: str, wanted: list[str]) -> list[str]:
    found = list(stage.get(key, []))
    if found == wanted:
        return []
    if wanted:
        stage[key] = wanted
    else:
        del stage[key]
    return [f"{name}: {key} lacks {entry}" for entry in wanted if entry not in found] + [
        f"{name}: {key} has {entry}, which the stage does not use"
        for entry in found
        if entry not in wanted
    ] or [f"{name}: {key} is in another order"]
