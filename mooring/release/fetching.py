"""Bring the objects of a released model from the DVC remote into the local cache, each one checked."""

from collections.abc import Iterable
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc_data.hashfile.hash_info import HashInfo

from mooring.errors import IntegrityError
from mooring.graph.cache import members
from mooring.graph.settings import cache_directory
from mooring.release.champion import checked_object
from mooring.release.pins import ModelPin


def fetch(pin: ModelPin, root: Path = Path()) -> None:
    """Copy the objects of a model from the default remote into the local cache.

    Raises IntegrityError when the remote cannot be read or lacks one, or it is corrupt.
    """
    try:
        with Repo(str(root)) as repo:
            # A pull of the directory object alone does not bring its members.
            _pull(repo, [pin.md5])
            listing = checked_object(cache_directory(root), pin.md5)
            _pull(repo, {md5 for md5, _ in members(listing)})
    except DvcException as error:
        raise IntegrityError(
            "the champion cannot be fetched",
            where=f"object {pin.md5}",
            got=str(error),
            fix="correct the default remote: see 'dvc remote list' and 'dvc config core.remote'",
        ) from error


def _pull(repo: Repo, names: Iterable[str]) -> None:
    wanted = [HashInfo("md5", name) for name in sorted(names)]
    failed = repo.cloud.pull(wanted).failed
    missing = [info.value for info in wanted if not repo.cache.local.exists(info.value)]
    bad = sorted({*missing, *(info.value for info in failed)})
    if bad:
        raise IntegrityError(
            "the remote does not have the champion whole",
            where=f"remote {repo.config['core'].get('remote')}",
            expected="each of its objects, with the content that its name says",
            got=f"missing or corrupt: {', '.join(bad)}",
            fix="run 'dvc push' where the champion was trained",
        )
