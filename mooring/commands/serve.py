"""mooring serve: hand the bento of this commit to `bentoml serve`."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from mooring import files, git
from mooring.errors import EnvironmentFault, GitError, IntegrityError
from mooring.records.location import location

ARCHIVE = Path("models/scorer.bento")
FACTS = Path("models/bento.json")
LOCK = "dvc.lock"
MEND = "run 'dvc repro package', or 'dvc checkout'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument(
        "--store",
        help="directory or URL for the prediction log and the profiles, or off "
        "(default: $MOORING_STORE, else .mooring/store)",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes that share the port")


def run(options: argparse.Namespace) -> int:
    """Import the bento into BentoML's store unless it is there, and become its server."""
    tag = checked_tag()
    home = Path(os.environ.get("BENTOML_HOME", Path.home() / "bentoml"))
    if not (home / "bentos" / tag.replace(":", "/") / "bento.yaml").is_file():
        _import()
    os.environ |= {"BENTOML_DO_NOT_TRACK": "True", "MOORING_WORKERS": str(options.workers)}
    os.environ["MOORING_STORE"] = location(options.store, os.environ) or "off"
    commit = source_commit()
    if commit:
        os.environ["MOORING_SOURCE_COMMIT"] = commit
    print(f"{tag} of {commit or 'a tree that is not committed'}", flush=True)
    address = ["--host", options.host, "--port", str(options.port)]
    os.execv(sys.executable, [sys.executable, "-m", "bentoml", "serve", tag, *address])  # noqa: S606


def checked_tag() -> str:
    """Return the tag of the bento that the graph made. Raises IntegrityError unless it is as it was."""
    facts = files.read_json(FACTS)
    found = files.sha256_file(ARCHIVE) if ARCHIVE.is_file() else "no file"
    if found != facts["sha256"]:
        raise IntegrityError(
            "is not the bento that the graph made",
            where=str(ARCHIVE),
            expected=f"sha256 {facts['sha256']}, from {FACTS}",
            got=found,
            mend=MEND,
        )
    return str(facts["tag"])


def source_commit() -> str | None:
    """Return the commit whose dvc.lock is the one in the work tree, None if that is not committed."""
    try:
        committed = git.show("HEAD", LOCK)
        return git.commit() if committed == Path(LOCK).read_text(encoding="utf-8") else None
    except (GitError, OSError):
        return None


def _import() -> None:
    # BentoML takes a relative path for one from the root.
    command = [sys.executable, "-m", "bentoml", "import", str(ARCHIVE.absolute())]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise EnvironmentFault(
            "BentoML does not import the bento",
            where=str(ARCHIVE),
            got=done.stderr.strip()[-500:],
            mend="set BENTOML_HOME to a directory that can be written",
        )
