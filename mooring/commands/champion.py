"""mooring champion fetch: bring the champion's objects from the DVC remote into the cache."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc_data.hashfile.hash_info import HashInfo

from mooring.errors import IntegrityError
from mooring.graph.cache import cache_directory, members
from mooring.release.champion import checked_members, checked_object
from mooring.release.pins import PRODUCTION, ModelPin, read_release


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("action", choices=["fetch"], help="fetch: from the default DVC remote")


def run(options: argparse.Namespace) -> int:
    """Fetch what production's release pins, and check it."""
    pin = read_release(PRODUCTION).model
    if pin is None:
        print("production has no release: there is no champion to fetch")
        return 0
    fetch(pin)
    n_files = len(checked_members(pin, cache_directory()))
    print(f"the champion is in the cache: {n_files} files, md5 {pin.md5}")
    return 0


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
            mend="correct the default remote: see 'dvc remote list' and 'dvc config core.remote'",
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
            mend="run 'dvc push' where the champion was trained",
        )
