"""Check this machine, Python, packages, git, DVC and disk, and say how to fix what is wrong.

In: the machine and the repository. Out: one `Finding` for each check. It imports no heavy package, since
a broken one must be reported, not crash the doctor: checks that need one run in child processes.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mooring import git
from mooring.errors import ConfigError, EnvironmentFault, GitError
from mooring.graph.requirements import LOCK, REINSTALL, installed, pins
from mooring.graph.settings import default_remote, settings

RWLOCK = Path(".dvc/tmp/rwlock")
MIN_FREE_BYTES = 2 * 10**9
MIN_GIT = (2, 38)
"""The first version with `git merge-tree --write-tree`."""
SHARED_LINKS = {"hardlink", "symlink"}
IMPORT = "import mooring.profiles.engine"
COMPOSE = "import sys; from mooring.cli import main; sys.exit(main(['compose', '--check']))"


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    name: str
    state: Literal["ok", "warn", "WRONG"]
    detail: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{self.state:<5}  {self.name}: {self.detail}"
        return f"{line}; fix: {self.fix}" if self.fix else line


def examine(root: Path = Path()) -> Iterator[Finding]:
    """Run every check and yield its finding."""
    imports, composed = _start(root, IMPORT), _start(root, COMPOSE)
    yield check_python(sys.version_info[:2])
    yield check_packages(root / LOCK)
    yield check_protobuf(installed("protobuf"))
    yield check_git(root)
    yield check_links(root)
    yield check_remote(root)
    yield check_rwlock(root / RWLOCK)
    yield check_writes(importlib.util.find_spec("mooring_durability") is not None)
    yield check_disk(shutil.disk_usage(root).free)
    yield check_temporary(Path(os.environ.get("TMPDIR") or tempfile.gettempdir()))
    yield check_bytecode(os.environ.get("PYTHONDONTWRITEBYTECODE", ""))
    yield check_whylogs(imports)
    yield check_params(composed)


def check_python(version: tuple[int, int]) -> Finding:
    """Require Python 3.11 or 3.12: whylogs-sketching has no wheels for newer versions."""
    interpreter = f"Python {version[0]}.{version[1]}"
    if (3, 11) <= version <= (3, 12):
        return Finding("python", "ok", interpreter)
    return Finding("python", "WRONG", interpreter, "make PYTHON=/path/to/python3.12 .venv/ready")


def check_packages(lock: Path) -> Finding:
    """Compare each package that the lock pins for this machine with the one that is installed."""
    here = {
        requirement.name: version
        for requirement, version in pins(lock)
        if requirement.marker is None or requirement.marker.evaluate()
    }
    wrong = [
        f"{name} is {got or 'not installed'}, pinned at {version}"
        for name, version in here.items()
        if (got := installed(name)) != version
    ]
    if wrong or not here:
        return Finding("packages", "WRONG", "; ".join(wrong) or f"no pins in {lock}", REINSTALL)
    return Finding("packages", "ok", f"all {len(here)} match {lock.name}")


def check_protobuf(version: str | None) -> Finding:
    """Require protobuf below 7, which makes skl2onnx 1.20 fail on histogram gradient boosting."""
    detail = f"protobuf {version or 'is not installed'}"
    if version and int(version.partition(".")[0]) < 7:
        return Finding("protobuf", "ok", detail)
    return Finding("protobuf", "WRONG", f"{detail}; the compiler requires one below 7", REINSTALL)


def check_git(root: Path) -> Finding:
    """Require git 2.38 or newer, and a repository."""
    try:
        version = git.version()
        top = git.root(root)
    except GitError as error:
        return Finding("git", "WRONG", error.got, error.fix or "run 'git init'")
    detail = f"git {version[0]}.{version[1]}"
    if version < MIN_GIT:
        return Finding("git", "WRONG", f"{detail}; requires 2.38", "install a newer git")
    return Finding("git", "ok", f"{detail}, repository {top}")


def check_links(root: Path) -> Finding:
    """Require a DVC repository whose cache shares no file with the workspace.

    A stage that outlives a killed DVC would overwrite the cached object through a link.
    """
    if not (root / ".dvc").is_dir():
        return Finding("dvc cache", "WRONG", f"no .dvc in {root.resolve()}", "run 'dvc init'")
    try:
        types = settings(root)["cache"].get("type") or ["reflink", "copy"]
    except (ConfigError, EnvironmentFault) as error:
        return Finding("dvc cache", "WRONG", f"{error.what}: {error.got}", error.fix)
    detail = f"cache.type is {','.join(types)}"
    if SHARED_LINKS & set(types):
        fix = "run 'dvc config cache.type reflink,copy && dvc checkout --relink'"
        return Finding("dvc cache", "WRONG", detail, fix)
    return Finding("dvc cache", "ok", detail)


def check_remote(root: Path) -> Finding:
    """Require a default remote whose pulls DVC verifies."""
    try:
        remote = default_remote(root)
    except (ConfigError, EnvironmentFault) as error:
        return Finding("dvc remote", "WRONG", error.got, error.fix)
    if not remote.verify:
        fix = f"run 'dvc remote modify {remote.name} verify true'"
        return Finding("dvc remote", "WRONG", f"pulls from {remote.name} are not verified", fix)
    return Finding("dvc remote", "ok", f"{remote.name}, {remote.url}, pulls are verified")


def check_rwlock(path: Path) -> Finding:
    """Check DVC's record of running stages: a crash can truncate it, and then DVC refuses to run."""
    try:
        held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError):
        held = None
    if not isinstance(held, dict):
        return Finding("dvc lock", "WRONG", f"{path} is not JSON", f"run 'rm {path}'")
    return Finding("dvc lock", "ok", f"{path} is valid" if path.exists() else "no stage is running")


def check_writes(durable: bool) -> Finding:
    """Check that DVC writes its own small files atomically (mooring/machine/durability.py)."""
    if durable:
        return Finding("dvc writes", "ok", "DVC writes dvc.lock atomically")
    return Finding(
        "dvc writes",
        "WRONG",
        "a killed DVC can leave a truncated dvc.lock",
        "create the environment with 'make repro'",
    )


def check_disk(free_bytes: int) -> Finding:
    """Require 2 GB of free disk space."""
    detail = f"{free_bytes / 1e9:.1f} GB free"
    if free_bytes < MIN_FREE_BYTES:
        return Finding("disk", "WRONG", f"{detail}; requires 2 GB", "free some space ('dvc gc')")
    return Finding("disk", "ok", detail)


def check_temporary(directory: Path) -> Finding:
    """Require a writable directory for temporary files."""
    try:
        with tempfile.TemporaryFile(dir=directory):
            return Finding("temporary files", "ok", str(directory))
    except OSError as error:
        detail = f"{directory}: {error.strerror}"
        return Finding("temporary files", "WRONG", detail, "set TMPDIR to a writable directory")


def check_bytecode(setting: str) -> Finding:
    """Check that Python keeps bytecode, with which each stage starts three times as fast."""
    if setting:
        detail = "PYTHONDONTWRITEBYTECODE is set: every stage may start slower"
        return Finding("bytecode", "warn", detail, "run 'unset PYTHONDONTWRITEBYTECODE'")
    return Finding("bytecode", "ok", "Python keeps it")


def check_whylogs(attempt: "subprocess.Popen[str]") -> Finding:
    """Check that whylogs imports: 1.6.4, its last release, uses a type that numpy 2 removed."""
    versions = f"whylogs {installed('whylogs')} with numpy {installed('numpy')}"
    output, _ = attempt.communicate()
    if attempt.returncode:
        last = output.strip().splitlines()[-1:]
        return Finding(
            "whylogs", "WRONG", f"{versions} does not import: {''.join(last)}", REINSTALL
        )
    return Finding("whylogs", "ok", f"{versions} imports; mooring/profiles restores np.unicode_")


def check_params(attempt: "subprocess.Popen[str]") -> Finding:
    """Check that params.yaml matches conf/."""
    output, _ = attempt.communicate()
    lines = output.strip().splitlines() or [""]
    if attempt.returncode:
        fix = "run 'mooring compose', or write the values that you want into conf/"
        return Finding("params.yaml", "WRONG", lines[-1 if "Traceback" in output else 0], fix)
    return Finding("params.yaml", "ok", "matches conf/")


def _start(root: Path, code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603  our own code
        [sys.executable, "-c", code],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
