"""Import the bento of this commit into BentoML's store, after checking its sha256."""

import subprocess
import sys
from pathlib import Path

from mooring import files, git
from mooring.bento.built import BentoFacts
from mooring.errors import EnvironmentFault, GitError, IntegrityError

ARCHIVE = Path("models/scorer.bento")
FACTS = Path("models/bento.json")
LOCK = "dvc.lock"
FIX = "run 'dvc repro package', or 'dvc checkout'"


def checked_tag() -> str:
    """Return the tag of the bento that the graph made. Raises IntegrityError if missing or changed."""
    facts = BentoFacts.read(FACTS)
    digest = files.sha256_file(ARCHIVE) if ARCHIVE.is_file() else "no file"
    if digest != facts.sha256:
        raise IntegrityError(
            "has changed since the graph made it",
            where=str(ARCHIVE),
            expected=f"sha256 {facts.sha256}, from {FACTS}",
            got=digest,
            fix=FIX,
        )
    return facts.tag


def source_commit() -> str | None:
    """Return the commit with the dvc.lock of the work tree, None if that is not committed."""
    try:
        committed = git.show("HEAD", LOCK)
        return git.commit() if committed == Path(LOCK).read_text(encoding="utf-8") else None
    except (GitError, OSError):
        return None


def import_bento() -> None:
    """Import the archive into BentoML's store. Raises EnvironmentFault when BentoML refuses it."""
    # BentoML resolves a relative path from the root.
    command = [sys.executable, "-m", "bentoml", "import", str(ARCHIVE.absolute())]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise EnvironmentFault(
            "BentoML cannot import the bento",
            where=str(ARCHIVE),
            got=done.stderr.strip()[-500:],
            fix="set BENTOML_HOME to a writable directory",
        )
