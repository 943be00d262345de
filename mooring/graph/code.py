"""Give each stage one digest of its code: code.yaml, whose keys are params of the graph.

In: the source of all that a stage imports, and requirements.lock. Out: code.yaml. A module is hashed
by its syntax, so that a comment retrains nothing; a template, and what a bento holds a copy of, by its
bytes; a package by its version.
"""

from pathlib import Path

import yaml

from mooring import files
from mooring.graph.closure import Closure, closure, stage_closure
from mooring.graph.requirements import LOCK, Version, behind, check_installed, locked
from mooring.graph.syntax import sha256_syntax

CODE = Path("code.yaml")
STAGE = "code"
PACKED = "bentos"
"""The room whose modules, and all that they import, a bento holds copies of."""
HEADER = "# One digest of each stage's code, written by stage code: see docs/decisions/0019.\n"


def digest(made_of: Closure, packages: dict[str, str], root: Path | None = Path()) -> str:
    """Return one sha256 over the files of a closure and the versions of its packages."""
    packed = [name for name in made_of.files if name.startswith(f"{PACKED}/")]
    modules = [name.removesuffix(".py").replace("/", ".") for name in packed]
    copied = closure(*modules, root=root).files
    lines = {
        name: sha256_syntax(path.read_bytes())
        if name.endswith(".py") and name not in copied
        else files.sha256_file(path)
        for name, path in made_of.files.items()
    }
    return files.sha256_lines(lines | {name: packages[name] for name in sorted(packages)})


def code_sha256(*modules: str, version: Version) -> str:
    """Return the digest of modules of the running mooring, and of the packages that they use."""
    made_of = closure(*modules, root=None)
    return digest(made_of, behind(made_of.packages, version), root=None)


def current_digests(root: Path = Path()) -> dict[str, str]:
    """Return the digest of every stage's code as it is now.

    Raises EnvironmentFault where a package that a stage uses is not the one that requirements.lock pins.
    """
    pinned, closures = locked(root / LOCK), stage_closures(root)
    imported = {name for made_of in closures.values() for name in made_of.packages}
    check_installed(behind(imported, pinned.get))
    return stage_digests(closures, pinned.get, root)


def stage_closures(root: Path = Path()) -> dict[str, Closure]:
    """Return what every stage is made of."""
    return {stage: stage_closure(stage, root) for stage in keyed(root)}


def stage_digests(
    closures: dict[str, Closure], version: Version, root: Path = Path()
) -> dict[str, str]:
    """Return the digest of every stage's code, with the versions of the packages that it uses."""
    return {
        stage: digest(made_of, behind(made_of.packages, version), root)
        for stage, made_of in closures.items()
    }


def keyed(root: Path = Path()) -> list[str]:
    """Return the stages whose code is a key of code.yaml: all but the one that writes it."""
    return [stage for stage in stages(root) if stage != STAGE]


def stages(root: Path = Path()) -> list[str]:
    """Return the names of the stages, which are their modules', sorted."""
    names = {path.stem for path in (root / "stages").glob("*.py")}
    return sorted(names - {"__init__", "__main__"})


def write(digests: dict[str, str], root: Path = Path()) -> None:
    """Write code.yaml."""
    files.write_text(root / CODE, HEADER + yaml.safe_dump(digests))


def differences(digests: dict[str, str], root: Path = Path()) -> list[str]:
    """Return one line for each stage whose digest is not the one in code.yaml."""
    path = root / CODE
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    except yaml.YAMLError:  # a conflict that Git left
        written = {}
    return [
        f"{CODE}: {stage} does not match the digest of the stage's code"
        for stage in sorted(digests.keys() | written.keys())
        if digests.get(stage) != written.get(stage)
    ]
