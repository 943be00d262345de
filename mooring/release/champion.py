"""Check out the champion, the model that production's release pins, from DVC's cache by content.

In: a release and the cache. Out: a directory with champion.json and the model's verified files.
"""

import shutil
from pathlib import Path, PurePosixPath

from mooring import files
from mooring.errors import IntegrityError
from mooring.graph.cache import members, object_path
from mooring.release.pins import PRODUCTION, ModelPin, Release, read_release

CHAMPION = Path("models/champion")
FETCH = "run 'mooring champion fetch'"
REMOVE = "run 'mooring cache check --remove', then 'mooring champion fetch'"


def materialise(release: Release, cache: Path, target: Path) -> None:
    """Write target/champion.json with the release, and target/model/ with its model if it has one.

    `target` is replaced atomically. Raises IntegrityError when an object is missing or corrupt, or
    when the model does not match the release's sha256.
    """
    with files.replacing_directory(target) as directory:
        if release.model is None:
            files.write_json(directory / "champion.json", {"release": None})
            return
        _copy(release.model, cache, directory / "model")
        files.write_json(directory / "champion.json", {"release": release.model_dump()})


def released_digests() -> set[str]:
    """Return the digests that may identify the released model in a prediction log."""
    pin = read_release(PRODUCTION).model
    if pin is None:
        return set()
    digests = {pin.sha256}
    if (CHAMPION / "champion.json").is_file():
        held = files.read_json(CHAMPION / "champion.json")["release"]
        if held and held["model"]["sha256"] == pin.sha256:
            # A server names its model by the file that it loads, not by its directory.
            digests.add(files.read_json(CHAMPION / "model" / "spec.json")["model_sha256"])
    return digests


def checked_members(pin: ModelPin, cache: Path) -> list[tuple[PurePosixPath, Path]]:
    """Return, by relative path, the verified object of each file of the model."""
    listing = checked_object(cache, pin.md5)
    return [(_inside(name, listing), checked_object(cache, md5)) for md5, name in members(listing)]


def checked_object(cache: Path, name: str) -> Path:
    """Return the path of an object. Raises IntegrityError if it is missing or corrupt."""
    path = object_path(cache, name)
    if not path.is_file():
        raise IntegrityError(
            "an object of the champion is missing from the cache", where=str(path), fix=FETCH
        )
    got = files.md5_file(path)
    if got != name.removesuffix(".dir"):
        raise IntegrityError(
            "an object of the champion is corrupt",
            where=str(path),
            expected=f"md5 {name}",
            got=f"md5 {got}",
            fix=REMOVE,
        )
    return path


def _copy(pin: ModelPin, cache: Path, directory: Path) -> None:
    for name, path in checked_members(pin, cache):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, directory / name)
    digest = files.sha256_tree(directory)
    if digest != pin.sha256:
        raise IntegrityError(
            "the champion does not match production's release",
            where=f"object {pin.md5}",
            expected=f"sha256 {pin.sha256}",
            got=f"sha256 {digest}",
            fix="correct release.yaml: its md5 and its sha256 name different models",
        )


def _inside(name: str, listing: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise IntegrityError(
            "lists a file outside its own directory", where=str(listing), got=name, fix=REMOVE
        )
    return path
