"""Seal a bento, so that a changed byte in any of its files is found before the file is used.

manifest.json holds the sha256 of every other file; the beginning of its own sha256 is the bento's version.
bento.yaml contains that version, so it is hashed with zeros in its place.
"""

from pathlib import Path

from mooring import files
from mooring.errors import IntegrityError

MANIFEST = "manifest.json"
BENTO = "bento.yaml"
UNNAMED = "0" * 16
"""The version of an unsealed bento."""
UNSEALED = "__pycache__"
"""The directory of bytecode that Python may write, and checks against the sources."""
DOCKERFILE = "env/docker/Dockerfile"
"""Made from its sealed template; `bentoml containerize` makes it again inside the image."""
FIX = "build the bento again with 'dvc repro', or deliver it again"


def seal(directory: Path) -> str:
    """Write manifest.json, and the bento's version into bento.yaml; return the version.

    The version in bento.yaml must be UNNAMED.
    """
    found = {name: files.sha256_file(directory / name) for name in _names(directory)}
    files.write_json(directory / MANIFEST, {"schema": 1, "files": found})
    version = files.sha256_file(directory / MANIFEST)[: len(UNNAMED)]
    described = (directory / BENTO).read_bytes().replace(UNNAMED.encode(), version.encode())
    files.write_bytes(directory / BENTO, described)
    return version


def check_seal(directory: Path, *, in_image: bool) -> str:
    """Return the version of a sealed bento.

    Raises IntegrityError naming the first file that is changed, missing or not in the manifest.
    """
    content = files.read_bytes(directory / MANIFEST, FIX)
    version = files.sha256_bytes(content)[: len(UNNAMED)]
    if f"version: {version}\n".encode() not in files.read_bytes(directory / BENTO, FIX).replace(
        b"'", b""
    ):
        raise IntegrityError(
            f"does not match the version in {BENTO}",
            where=str(directory / MANIFEST),
            got=f"sha256 {version}…",
            fix=FIX,
        )
    expected: dict[str, str] = files.read_json(directory / MANIFEST)["files"]
    names = set(_names(directory))
    for name in sorted(names ^ set(expected)):
        what = f"is not listed in {MANIFEST}" if name in names else "is missing"
        raise IntegrityError(what, where=str(directory / name), fix=FIX)
    for name, wanted in sorted(expected.items()):
        if not (in_image and name == DOCKERFILE):
            _check(directory / name, wanted, version)
    return version


def _check(path: Path, wanted: str, version: str) -> None:
    content = files.read_bytes(path, FIX)
    if path.name == BENTO:
        content = content.replace(version.encode(), UNNAMED.encode())
    digest = files.sha256_bytes(content)
    if digest != wanted:
        raise IntegrityError(
            "has changed since it was sealed",
            where=str(path),
            expected=f"sha256 {wanted}",
            got=f"sha256 {digest}",
            fix=FIX,
        )


def _names(directory: Path) -> list[str]:
    """Return the sealed files, as paths relative to `directory`."""
    return sorted(
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file() and path.name != MANIFEST and path.parent.name != UNSEALED
    )
