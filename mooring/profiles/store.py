"""A directory of profiles, sealed: every file's sha256 is checked before native code parses it.

In: the profiles of blocks of rows. Out: `<block>.bin`, which whylogs' own reader opens, and
index.json, which describes each block and column. The same rows give the same bytes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from mooring.config import document
from mooring.config.section import Strict
from mooring.errors import DataError, IntegrityError
from mooring.files import read_bytes, replacing_directory, sha256_bytes, sha256_file, write_json
from mooring.profiles.engine import View
from mooring.profiles.reading import Profile, read_profile
from mooring.profiles.sketches import kinds_of
from mooring.profiles.values import Kind
from mooring.profiles.writing import profile_bytes

INDEX = "index.json"
FIX = "run 'dvc checkout', or make the profiles again with 'dvc repro'"

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
BlockName = Annotated[str, Field(pattern=f"^{NAME}$")]


class Block(Strict):
    """One file, and how many rows it has."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rows: int = Field(ge=0)
    bytes: int = Field(gt=0)


class Index(Strict):
    """index.json."""

    schema_: Literal[2] = Field(alias="schema")
    columns: dict[str, Kind]
    blocks: dict[BlockName, Block]
    facts: dict[str, JsonValue]
    """What the profiles were made from, by the caller."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """The sha256 of the file without these 64 digits."""


@dataclass(frozen=True)
class Profiles:
    """The content of a directory of profiles."""

    columns: dict[str, Kind]
    facts: dict[str, Any]
    rows: dict[str, int]
    """Rows of each block."""
    blocks: dict[str, Profile]
    """The profile of each block, in the order of their names."""


def write_profiles(
    directory: Path | str,
    profiles: Mapping[str, View],
    columns: Mapping[str, Kind],
    facts: Mapping[str, Any],
) -> None:
    """Replace `directory` by `profiles`, one file for each block, and their index.

    Raises DataError if a block's name cannot name a file, or its columns are not `columns`.
    """
    with replacing_directory(directory) as temporary:
        blocks = {}
        for name, view in profiles.items():
            _check_block(name, view, columns)
            content = profile_bytes(view)
            digest = sha256_bytes(content)
            blocks[name] = {
                "sha256": digest,
                "rows": _rows(view),
                "bytes": len(content),
            }
            _path(temporary, name).write_bytes(content)
        index = {
            "schema": 2,
            "columns": dict(columns),
            "blocks": blocks,
            "facts": dict(facts),
        }
        seal_index(temporary / INDEX, index)


def seal_index(path: Path, index: Mapping[str, Any]) -> None:
    """Write an index with the sha256 of the rest of its file."""
    write_json(path, {**index, "sha256": ""})
    write_json(path, {**index, "sha256": sha256_file(path)})


def _check_block(name: str, view: View, columns: Mapping[str, Kind]) -> None:
    if not re.fullmatch(NAME, name):
        raise DataError(f"block {name!r} cannot name a file", expected="letters, digits, - and _")
    kinds = kinds_of(view)
    if kinds != columns:
        raise DataError(f"block {name} has other columns", expected=str(columns), got=str(kinds))


def read_sketches(directory: Path | str) -> Profiles:
    """Return the content of `directory`, every file of it checked.

    Raises IntegrityError naming the file that is missing, extra, changed or not as indexed.
    """
    directory = Path(directory)
    index = _read_index(directory / INDEX)
    _check_names(directory, index)
    blocks: dict[str, Profile] = {}
    rows = {}
    for name, block in sorted(index.blocks.items()):
        path = _path(directory, name)
        profile = blocks[name] = read_profile(_checked_bytes(path, block), str(path))
        rows[name] = max((column.rows for column in profile.values()), default=0)
        kinds = {name: column.kind for name, column in profile.items()}
        if kinds != index.columns or rows[name] != block.rows:
            raise IntegrityError(f"holds other columns or rows than {INDEX} says", where=str(path))
    return Profiles(index.columns, dict(index.facts), rows, blocks)


def _path(directory: Path, name: str) -> Path:
    return directory / f"{name}.bin"


def _read_index(path: Path) -> Index:
    content = read_bytes(path, FIX)
    index = document.parse(content, Index, path, "is not an index of profiles", FIX)
    digest = sha256_bytes(content.replace(index.sha256.encode(), b""))
    if digest != index.sha256:
        raise _changed(path, index.sha256, digest)
    return index


def _changed(path: Path, expected: str, got: str) -> IntegrityError:
    return IntegrityError(
        "has changed since it was written",
        where=str(path),
        expected=f"sha256 {expected}",
        got=f"sha256 {got}",
        fix=FIX,
    )


def _check_names(directory: Path, index: Index) -> None:
    expected = {INDEX, *(f"{name}.bin" for name in index.blocks)}
    present = {path.name for path in directory.iterdir()}
    for name in sorted(expected ^ present):
        what = "is missing" if name in expected else f"is not in {INDEX}"
        raise IntegrityError(what, where=str(directory / name), fix=FIX)


def _checked_bytes(path: Path, block: Block) -> bytes:
    """Return the file's content, read once, so that the checked bytes are parsed."""
    try:
        with path.open("rb") as file:
            content = file.read(block.bytes + 1)
    except OSError as error:
        raise IntegrityError("cannot be read", where=str(path), got=str(error), fix=FIX) from error
    digest = sha256_bytes(content)
    if digest != block.sha256:
        raise _changed(path, block.sha256, digest)
    return content


def _rows(view: View) -> int:
    return max((_n(column) for column in view.get_columns().values()), default=0)


def _n(column: Any) -> int:
    return int(column.get_metric("counts").n.value)
