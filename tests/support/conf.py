"""A copy of conf/ to edit, in a directory of its own."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"


def copy_conf(directory: Path) -> Path:
    """Copy conf/, and the lock that pins the packages it names, into `directory`; return the copy."""
    shutil.copy(ROOT / "requirements.lock", directory)
    return Path(shutil.copytree(CONF, directory / "conf"))


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one occurrence of `old` in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
