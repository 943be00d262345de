"""mooring cache check: find corrupt objects in the DVC cache or remote; exit 1 if there are any."""

import argparse
from pathlib import Path

from mooring.errors import ConfigError
from mooring.graph import objects
from mooring.graph.settings import cache_directory, default_remote


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="hash every object and compare it with its name")
    check.add_argument(
        "--remove",
        action="store_true",
        help="delete corrupt objects and the leftovers of interrupted writes",
    )
    check.add_argument(
        "--remote", action="store_true", help="check the default remote instead of the cache"
    )


def run(options: argparse.Namespace) -> int:
    """Print the corrupt objects; return 1 if there are any."""
    cache = cache_directory()
    store = remote_directory() if options.remote else cache
    findings = objects.check(store, cache)
    for corrupt in findings.corrupt:
        print(_described(corrupt))
    for path in findings.temporaries:
        print(f"left over from an interrupted write: {path}")
    print(f"{store}: {findings.n_objects:,} objects, {len(findings.corrupt)} corrupt")
    if options.remove:
        objects.remove(findings)
    if findings.corrupt or findings.temporaries:
        print(_advice(options.remote, options.remove))
    return 1 if findings.corrupt else 0


def remote_directory() -> Path:
    """Return the directory of the default remote. Raises ConfigError when it is not a directory."""
    remote = default_remote()
    if remote.directory is None:
        raise ConfigError(
            "only a remote in a local directory can be checked from here",
            where=f"remote {remote.name}",
            got=remote.url,
            fix=f"run 'dvc remote modify {remote.name} verify true': DVC checks what it pulls",
        )
    return remote.directory


def _described(corrupt: objects.Corrupt) -> str:
    lines = [
        f"corrupt: {corrupt.path}",
        f"  expected: md5 {corrupt.name}",
        f"  got: md5 {corrupt.got}, {corrupt.size:,} bytes",
    ]
    lines += [f"  output: {path}" for path in corrupt.outputs]
    lines += [f"  also corrupt in the workspace: {path}" for path in corrupt.copies]
    return "\n".join(lines)


def _advice(remote: bool, removed: bool) -> str:
    restore = "run 'dvc push'" if remote else "run 'dvc pull' or 'dvc repro'"
    if removed:
        return f"removed; to restore: {restore}"
    return f"fix: run 'mooring cache check{' --remote' * remote} --remove', then {restore}"
