"""Run git; no other module does.

In: a directory and names. Out: text, names and hashes. A failure becomes a GitError with git's message.
"""

import os
import re
import subprocess
from pathlib import Path

from mooring.errors import GitError

EXPERIMENT = re.compile(r"refs/exps/[0-9a-f]{2}/[0-9a-f]{38}/[^/]+")


def show(revision: str, path: str, directory: Path = Path()) -> str:
    """Return the text of `path`, relative to `directory`, at the commit `revision`."""
    return _git(directory, "cat-file", "blob", f"{revision}:./{path}")


def experiments(directory: Path = Path()) -> dict[str, str]:
    """Return DVC's experiments: each full ref `refs/exps/<base>/<name>` with its commit's sha.

    DVC's other refs (stashes, its queue, running experiments) are left out.
    """
    lines = _git(directory, "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps")
    pairs = (line.split(" ", 1) for line in lines.splitlines())
    return {ref: sha for sha, ref in pairs if EXPERIMENT.fullmatch(ref)}


def root(directory: Path = Path()) -> Path:
    """Return the top directory of the repository that holds `directory`."""
    return Path(_git(directory, "rev-parse", "--show-toplevel").rstrip("\n"))


def commit(directory: Path = Path()) -> str:
    """Return the full hash of the checked-out commit."""
    return _git(directory, "rev-parse", "HEAD").strip()


def version() -> tuple[int, int]:
    """Return git's version as major and minor."""
    text = _git(Path(), "--version")
    match = re.search(r"(\d+)\.(\d+)", text)
    if match is None:
        raise GitError("does not print its version", where="git --version", got=text.strip())
    return int(match[1]), int(match[2])


def _git(directory: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  no shell, and no argument that starts with a dash
            command, cwd=directory, env={**os.environ, "LC_ALL": "C"}, capture_output=True
        )
    except FileNotFoundError as error:
        raise GitError(
            "cannot be run", where="git", got=str(error), fix="install git and put it on PATH"
        ) from error
    if done.returncode != 0:
        raise GitError(
            "git failed",
            where=" ".join(command),
            got=done.stderr.decode(errors="replace").strip(),
        )
    return done.stdout.decode(errors="replace")
