"""A copy of this repository in a temporary directory, with Git and DVC, to run for real."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = (
    ".dvc/.gitignore",
    ".dvc/config",
    ".dvcignore",
    ".gitignore",
    "Makefile",
    "argo",
    "bentos",
    "conf",
    "data/raw",
    "dvc.yaml",
    "mooring",
    "pyproject.toml",
    "requirements.lock",
    "stages",
)
IDENTITY = {
    f"GIT_{role}_{fact}": value
    for role in ("AUTHOR", "COMMITTER")
    for fact, value in (("NAME", "Test"), ("EMAIL", "test@example.org"))
}


@dataclass(frozen=True)
class Project:
    """A repository to run commands in."""

    path: Path
    library: Path | None = None
    """Where mooring is installed, if not in the virtual environment."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a newcomer: an empty home, the virtual environment first."""
        home = self.path.parent / "home"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
        return (
            kept
            | ({"PYTHONPATH": str(self.library)} if self.library else {})
            | IDENTITY
            | {
                "HOME": str(home),
                "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
                "DVC_NO_ANALYTICS": "1",
                "DVC_SITE_CACHE_DIR": str(self.path.parent / "site"),
                "PYTHONWARNINGS": "ignore",
            }
        )

    def run(
        self, *command: str, check: bool = True, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command here; fail the test with its output unless it succeeds."""
        done = subprocess.run(
            command, cwd=self.path, env=self.environment | extra, text=True, capture_output=True
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def dvc(
        self, *arguments: str, check: bool = True, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run dvc."""
        return self.run(sys.executable, "-m", "dvc", *arguments, check=check, **extra)

    def mooring(
        self, *arguments: str, check: bool = True, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run this copy's mooring."""
        return self.run(sys.executable, "-m", "mooring", *arguments, check=check, **extra)

    def commit(self, message: str = "change") -> str:
        """Commit everything; return the sha."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)
        return self.run("git", "rev-parse", "HEAD").stdout.strip()

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace one text in a file, which must hold it."""
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")


def make_project(path: Path, problem: str = "weather", model: str | None = None) -> Project:
    """Return a fresh copy of the repository at `path`, set to one of conf/problem, and committed."""
    path.mkdir(parents=True)
    for name in COPIED:
        source, target = ROOT / name, path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    project = Project(path)
    project.edit("conf/config.yaml", "- problem: flights", f"- problem: {problem}")
    if model is not None:
        project.edit("conf/config.yaml", "  - _self_", f"  - override /model: {model}\n  - _self_")
    project.run("git", "init", "-q", "-b", "main")
    project.commit("start")
    return project
