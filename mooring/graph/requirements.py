"""Which installed packages the imports come from, and which versions requirements.lock pins.

In: requirements.lock and the metadata of installed packages. Out: versions by canonical package name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from sys import stdlib_module_names

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mooring.errors import ConfigError, EnvironmentFault

LOCK = Path("requirements.lock")
REINSTALL = "run 'rm -f .venv/ready && make .venv/ready'"
OR = " or "
"""Separates the versions of a package that the lock pins once for each Python."""
Version = Callable[[str], str | None]
"""Returns a package's version by its canonical name, or None."""


def pins(lock: Path = LOCK) -> Iterator[tuple[Requirement, str]]:
    """Yield each requirement of a lock with its version, whether or not its marker holds here."""
    text = lock.read_text(encoding="utf-8") if lock.exists() else ""
    for line in text.replace("\\\n", " ").splitlines():
        pin = line.partition("#")[0].partition(" --")[0].strip()
        if pin and not pin.startswith("-"):
            requirement = Requirement(pin)
            yield requirement, str(requirement.specifier).removeprefix("==")


def locked(lock: Path = LOCK) -> dict[str, str]:
    """Return the pinned version of every package, the same on every machine."""
    versions: dict[str, str] = {}
    for requirement, version in pins(lock):
        name = canonicalize_name(requirement.name)
        versions[name] = f"{versions[name]}{OR}{version}" if name in versions else version
    return versions


def installed(name: str) -> str | None:
    """Return the version of an installed package, None if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def providers(modules: Iterable[str], version: Version) -> dict[str, str]:
    """Return the versions of the packages that hold top-level modules, except the standard library's.

    Raises ConfigError naming a module for which `version` knows no package.
    """
    versions: dict[str, str] = {}
    for module in sorted(set(modules) - stdlib_module_names):
        held = {name: pinned for name in _names(module) if (pinned := version(name)) is not None}
        if not held:
            raise ConfigError(
                f"no package for the module {module}",
                where=str(LOCK),
                expected="a package that is pinned there and installed",
                fix="add it to pyproject.toml, then run 'make lock' and 'make .venv/ready'",
            )
        versions |= held
    return versions


def behind(modules: Iterable[str], version: Version) -> dict[str, str]:
    """Return the versions of the packages that hold top-level modules, and of all their requirements.

    SciPy makes a model as much as scikit-learn does, but only the latter is imported. A requirement that
    `version` does not know, such as one for another system, is left out.
    """
    versions = providers(modules, version)
    waiting = list(versions)
    while waiting:
        for name in _required(waiting.pop()):
            pinned = version(name)
            if pinned is not None and name not in versions:
                versions[name] = pinned
                waiting.append(name)
    return versions


def check_installed(versions: Mapping[str, str]) -> None:
    """Raise EnvironmentFault if an installed package does not have the pinned version."""
    wrong = [
        f"{name} {got}, pinned at {version}"
        for name, version in sorted(versions.items())
        if (got := installed(name)) is not None and got not in version.split(OR)
    ]
    if wrong:
        raise EnvironmentFault(
            "installed packages differ from it",
            where=str(LOCK),
            got="; ".join(wrong),
            fix=REINSTALL,
        )


def _names(module: str) -> set[str]:
    """Return the names of the packages that may hold a top-level module; several share a namespace."""
    name = canonicalize_name(module)
    if installed(name) is not None:
        return {name}
    return {name, *map(canonicalize_name, _owners().get(module, ()))}


@cache
def _owners() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


@cache
def _required(name: str) -> tuple[str, ...]:
    """Return what an installed package requires on some machine, without its extras."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return ()
    required = [Requirement(line) for line in lines]
    return tuple(
        canonicalize_name(one.name) for one in required if "extra ==" not in str(one.marker)
    )
