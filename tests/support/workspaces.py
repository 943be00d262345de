"""Real Git and DVC repositories in a temporary directory, with an empty home and a fixed author."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]
DVC_CONFIG = """[core]
    remote = local
    autostage = false
[cache]
    type = copy
['remote "local"']
    url = ../../remote
"""


class Workspace:
    """One repository, its own home directory, and the commands that run in it."""

    def __init__(self, directory: Path, name: str = "repo") -> None:
        self.path = directory / name
        self.path.mkdir(parents=True)
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("DVC_")},
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(directory / "home"),
            "XDG_CONFIG_HOME": str(directory / "home" / ".config"),
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(directory / "site"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        }
        (directory / "home").mkdir(exist_ok=True)

    def run(self, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command here; fail unless it exits with `code`."""
        done = subprocess.run(
            command, cwd=self.path, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def git(self, *arguments: str, code: int = 0) -> str:
        """Run git; return what it prints."""
        return self.run("git", *arguments, code=code).stdout.strip()

    def dvc(self, *arguments: str, code: int = 0) -> str:
        """Run DVC; return what it prints."""
        return self.run("dvc", *arguments, code=code).stdout

    def mooring(self, *arguments: str, code: int = 0) -> str:
        """Run the command line; return what it prints, errors last."""
        done = self.run("mooring", *arguments, code=code)
        return done.stdout + done.stderr

    def write(self, path: str, text: str) -> Path:
        """Write a file, making its directory."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def commit(self, message: str = "change") -> str:
        """Commit everything; return the sha."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


def git_repository(directory: Path, name: str = "repo") -> Workspace:
    """Make an empty Git repository."""
    workspace = Workspace(directory, name)
    workspace.git("init", "--quiet", "--initial-branch", "main")
    return workspace


def dvc_repository(directory: Path, name: str = "repo") -> Workspace:
    """Make a Git and DVC repository with a directory remote beside it that is not verified."""
    workspace = git_repository(directory, name)
    workspace.dvc("init", "--quiet")
    workspace.write(".dvc/config", DVC_CONFIG)
    return workspace


def copied(template: Workspace, directory: Path) -> Workspace:
    """Copy a repository and its remote, so that a test may spoil them: quicker than making them."""
    copy = Workspace(directory, template.path.name)
    remote = template.path.parent / "remote"
    if remote.exists():
        shutil.copytree(remote, directory / "remote")
    shutil.copytree(template.path, copy.path, dirs_exist_ok=True)
    return copy
