"""Build a reproducible bento: its bytes, and so its name, depend only on its content.

BentoML builds it; then timestamps and facts about the machine are removed, every file is sealed, and it
is packed deterministically. `bentoml import` accepts the result like any other bento.
"""

import lzma
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from mooring import files
from mooring.bento.context import DOCKERFILE, README, REQUIREMENTS
from mooring.bento.sealed import BENTO, UNNAMED, seal

LOCK = "env/python/requirements.lock.txt"
EPOCH = "1970-01-01T00:00:00+00:00"
"""The build time in bento.yaml, instead of the real one."""


@contextmanager
def own_store() -> Iterator[None]:
    """Give BentoML a temporary store and turn off its telemetry; enter before importing BentoML."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"BENTOML_HOME": home, "BENTOML_DO_NOT_TRACK": "True"}
        yield


def build_bento(context: Path, service: str, archive: Path) -> str:
    """Build `service` (module:name) from `context` into the file `archive`; return the bento's tag."""
    with chdir(context):  # BentoML reads only files in the working directory
        built = _built(context, service)
    _make_reproducible(built, context)
    digest = seal(built)
    _pack(built, archive)
    return f"{built.parent.name}:{digest}"


def _built(context: Path, service: str) -> Path:
    bento = import_module("bentoml").bentos.build(
        service,
        version=UNNAMED,
        description=f"file:{README}",
        include=["bentos/", "mooring/", "release/"],
        python={"requirements_txt": REQUIREMENTS, "lock_packages": False},
        docker={"base_image": "python:3.11-slim-bookworm", "dockerfile_template": DOCKERFILE},
        build_ctx=str(context),
    )
    return Path(bento.path)


def _make_reproducible(bento: Path, context: Path) -> None:
    described: dict[str, Any] = yaml.safe_load((bento / BENTO).read_text(encoding="utf-8"))
    described["creation_time"] = EPOCH
    files.write_text(bento / BENTO, yaml.safe_dump(described, sort_keys=False))
    # BentoML adds a line without a hash to the lock, and this machine's Python patch release.
    (bento / "env/python/requirements.txt").unlink()
    shutil.copyfile(context / REQUIREMENTS, bento / LOCK)
    files.write_text(bento / "env/python/version.txt", "3.11\n")


def _pack(bento: Path, archive: Path) -> None:
    """Write BentoML's format, a tar.xz, without this machine's times, owners and file order."""
    with (
        files.replacing(archive) as temporary,
        lzma.open(temporary, "wb") as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(bento.rglob("*")):
            entry = tar.gettarinfo(path, path.relative_to(bento).as_posix())
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
            entry.mode = 0o755 if path.is_dir() or path.suffix == ".sh" else 0o644
            if path.is_dir():
                tar.addfile(entry)
            else:
                with path.open("rb") as file:
                    tar.addfile(entry, file)
