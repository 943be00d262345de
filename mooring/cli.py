"""The command `mooring`: import one subcommand, run it, and print a MooringError as its message alone.

A subcommand is a module of mooring/commands with `add_arguments(parser)` and `run(options) -> int`,
the exit code. Only the chosen one is imported, so that each starts fast.
"""

import argparse
import os
import select
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from mooring import __version__
from mooring.errors import MooringError
from mooring.machine.process import ended_by_a_signal, explain_full_disk, explain_refusal

READER_LEFT, INTERRUPTED = 128 + signal.SIGPIPE, 128 + signal.SIGINT
"""The exit codes that a shell reports for SIGPIPE and SIGINT."""
COMMANDS = {
    "compose": "write params.yaml from conf/, or check that both agree",
    "config": "print the JSON Schema of conf/",
    "gate": "print the gate's verdict on the challenger; exit 1 unless it is merge",
    "ab": "compare challenger and champion in production (A/B test); exit 1 unless the verdict is merge",
    "drift": "compare serving with the reference and write a drift report; verify or pin a report",
    "experiment": "write the settings of a DVC experiment into conf/",
    "champion": "fetch the champion's model from the DVC remote into the local cache",
    "cache": "find corrupt objects in the DVC cache or remote",
    "graph": "write what each stage uses into dvc.yaml, or check dvc.yaml and code.yaml",
    "replay": "send past days to a scorer as traffic, optionally with faults and delayed labels",
    "serve": "serve the bento of this commit with BentoML",
    "alerts": "write the Prometheus alert rules from conf/alerts, or check them",
    "notify": "send a drift report to Prometheus and a webhook",
    "doctor": "check this machine: Python, packages, git, DVC, disk",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 2 after a MooringError, 141 after a broken pipe, 130 after
    Ctrl-C."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:  # at any moment, imports included
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    parser = _parser(arguments[0] if arguments else "")
    options = parser.parse_args(arguments)
    try:
        with ended_by_a_signal(), explain_full_disk(), explain_refusal():
            code = int(_module(options.command).run(options))
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        if not _reader_left():
            raise
        return READER_LEFT
    except MooringError as error:
        print(f"mooring {options.command}: {error}", file=sys.stderr)
        return 2


def _reader_left() -> bool:
    """Return whether stdout is a broken pipe, as in `mooring drift | head`; if so, send it to /dev/null."""
    end = sys.stdout.fileno()
    watched = select.poll()
    watched.register(end, 0)
    if not any(events & select.POLLERR for _, events in watched.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), end)
    return True


def _parser(chosen: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mooring", description="Train, release and monitor models by commits."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == chosen:
            _module(name).add_arguments(command)
    return parser


def _module(name: str) -> ModuleType:
    return import_module(f"mooring.commands.{name}")
